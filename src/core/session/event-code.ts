import type { JsonObject } from '../base/json.ts';
import { formatPython } from './event-code-python.ts';

/** Code that connects and sends one client event. */
export type CodeLanguage = 'openai-node' | 'openai-python' | 'agents-sdk' | 'websocat';

export const CODE_LANGUAGES: readonly { readonly id: CodeLanguage; readonly name: string }[] = [
	{ id: 'openai-node', name: 'openai-node' },
	{ id: 'openai-python', name: 'openai-python' },
	{ id: 'agents-sdk', name: 'Agents SDK' },
	{ id: 'websocat', name: 'websocat' }
];

/** Where the code sends it. */
export interface CodeTarget {
	readonly model: string;
	/** The address of an endpoint other than OpenAI's, up to `/v1`: `http://127.0.0.1:4600/v1`. It needs no key. */
	readonly baseUrl?: string | undefined;
}

/** The key of endpoints that need none: the libraries want one all the same. */
const NO_KEY = 'sk-local';
/** What websocat takes as one message unless it is told otherwise, bytes. */
const WEBSOCAT_BYTES = 65_536;

/**
 * Code that sends an event to a new session and prints what comes back. Sources: READMEs of openai-node 7.55, openai-python
 * 2 and websocat 1; `OpenAIRealtimeWebSocket.sendEvent` of @openai/agents-realtime 0.20.
 *
 * @param body of a client event; nested at most `DEEPEST_CODE` deep
 */
export function formatEventCode(language: CodeLanguage, body: JsonObject, target: CodeTarget): string {
	return `${WRITERS[language](body, target).join('\n')}\n`;
}

type Writer = (body: JsonObject, target: CodeTarget) => readonly string[];

const WRITERS: Readonly<Record<CodeLanguage, Writer>> = {
	'openai-node': (body, { model, baseUrl }) => [
		...(baseUrl === undefined
			? ['// npm install openai ws; the key is read from OPENAI_API_KEY']
			: ['// npm install openai ws; NODE_EXTRA_CA_CERTS names the certificate: the package speaks TLS only']),
		"import OpenAI from 'openai';",
		"import { OpenAIRealtimeWS } from 'openai/realtime/ws';",
		'',
		baseUrl === undefined
			? 'const openai = new OpenAI();'
			: `const openai = new OpenAI({ apiKey: '${NO_KEY}', baseURL: ${quote(withScheme(baseUrl, 'https'))} });`,
		`const client = new OpenAIRealtimeWS({ model: ${quote(model)} }, openai);`,
		"client.on('event', (event) => console.log(JSON.stringify(event)));",
		"client.on('error', (error) => console.error(error.message));",
		"client.on('session.created', () => {",
		`\tclient.send(${formatJavaScript(body, '\t')});`,
		'});'
	],
	'openai-python': (body, { model, baseUrl }) => [
		"# pip install 'openai[realtime]'" + (baseUrl === undefined ? '; the key is read from OPENAI_API_KEY' : ''),
		'from openai import OpenAI',
		'',
		baseUrl === undefined
			? 'client = OpenAI()'
			: `client = OpenAI(api_key="${NO_KEY}", websocket_base_url=${quote(webSocketUrl(baseUrl))})`,
		`with client.realtime.connect(model=${quote(model)}) as connection:`,
		`    connection.send(${formatPython(body, '    ')})`,
		'    for event in connection:',
		'        print(event.to_json(indent=None))'
	],
	'agents-sdk': (body, { model, baseUrl }) => [
		`// npm install @openai/agents-realtime${baseUrl === undefined ? '; the key is read from OPENAI_API_KEY' : ''}`,
		"import { RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';",
		'',
		"const agent = new RealtimeAgent({ name: 'Agent' });",
		`const session = new RealtimeSession(agent, { transport: 'websocket', model: ${quote(model)} });`,
		"session.transport.on('*', (event) => console.log(JSON.stringify(event)));",
		"session.on('error', (error) => console.error(error));",
		baseUrl === undefined
			? 'await session.connect({ apiKey: process.env.OPENAI_API_KEY });'
			: `await session.connect({ apiKey: '${NO_KEY}', url: ${quote(socketUrl(baseUrl, model))} });`,
		`session.transport.sendEvent(${formatJavaScript(body, '')});`
	],
	websocat: (body, { model, baseUrl }) => {
		const message = JSON.stringify(body);
		// UTF-8 has at most three bytes for each of these units.
		const room = message.length * 3 >= WEBSOCAT_BYTES ? `-B ${message.length * 3 + 1} ` : '';
		const isOpenAi = baseUrl === undefined;
		const url = socketUrl(baseUrl ?? 'https://api.openai.com/v1', model);
		const header = isOpenAi ? ' \\\n\t-H="Authorization: Bearer $OPENAI_API_KEY"' : '';
		return [`printf '%s\\n' ${quoteShell(message)} |`, `\twebsocat -n ${room}${quoteShell(url)}${header}`];
	}
};

/** JSON is JavaScript, but for one name: in a literal it would set the prototype. */
function formatJavaScript(body: JsonObject, indent: string): string {
	return JSON.stringify(body, null, '\t').replaceAll('"__proto__":', '["__proto__"]:').replaceAll('\n', `\n${indent}`);
}

/** A string literal of JavaScript; of Python when it is written in double quotes, as this is. */
function quote(text: string): string {
	return JSON.stringify(text);
}

function quoteShell(text: string): string {
	return `'${text.replaceAll("'", "'\\''")}'`;
}

function socketUrl(baseUrl: string, model: string): string {
	return `${webSocketUrl(baseUrl)}/realtime?model=${encodeURIComponent(model)}`;
}

function webSocketUrl(baseUrl: string): string {
	return baseUrl.replace(/^http/, 'ws');
}

function withScheme(baseUrl: string, scheme: string): string {
	return baseUrl.replace(/^https?/, scheme);
}
