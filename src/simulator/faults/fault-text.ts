/**
 * Faults as a short text, made of characters that need no escaping in a URL's query:
 *
 *     delay:200~50,drop:1011@response.created/2,malformed@every:any?0.01
 *
 * Each is `fault[:argument][@moment]`. The moment is `5000ms`, `response` (rate_limit and server_error), the type of a
 * server event, or `client:` and the type of a client event; `any` is every type. `/3` makes it the third, `every:` before
 * it every one (or every third), and `?0.5` after it happens half of the time.
 */
import { listChoices, show, Wrong } from '#simulator/faults/fault-fields.ts';
import type { Fault, FaultKind, Trigger } from '#simulator/faults/faults.ts';
import { describeWrong, parseFault, parseFaults } from '#simulator/faults/parse-faults.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

type ArgumentReader = { pattern: RegExp; example: string; read: (groups: string[]) => JsonObject };

const forMs: ArgumentReader = { pattern: /^(\d+)$/, example: '5000', read: ([ms]) => ({ forMs: Number(ms) }) };

/** What stands after the colon. */
const argumentReaders: { [Kind in FaultKind]: ArgumentReader | undefined } = {
	delay: {
		pattern: /^(\d+)(?:~(\d+))?$/,
		example: '200~50',
		read: ([ms, jitter]) => ({ ms: Number(ms), ...(jitter === undefined ? {} : { jitterMs: Number(jitter) }) })
	},
	drop: { pattern: /^(\d+)$/, example: '1011', read: ([code]) => ({ code: Number(code) }) },
	rate_limit: undefined,
	server_error: { pattern: /^([a-z]+)$/, example: 'event', read: ([as]) => ({ as }) },
	malformed: { pattern: /^([a-z]+)$/, example: 'html', read: ([as]) => ({ as }) },
	expire: { pattern: /^announce$/, example: 'announce', read: () => ({ announce: true }) },
	slow_consumer: forMs,
	silence: forMs
};

function readArgument(kind: string, text: string, path: string): JsonObject {
	const reader = Object.hasOwn(argumentReaders, kind) ? argumentReaders[kind as FaultKind] : undefined;
	// An unknown fault is told of by the check that follows, which lists those that there are.
	if (!Object.hasOwn(argumentReaders, kind)) return {};
	if (!reader) throw new Wrong(path, `"${kind}" takes nothing after a colon, but has ${show(text)}`);
	const groups = reader.pattern.exec(text);
	if (groups) return reader.read(groups.slice(1));
	throw new Wrong(path, `${show(text)} is not for "${kind}"; write it as ${kind}:${reader.example}`);
}

const EXAMPLE_MOMENTS = ['5000ms', 'response/2', 'response.output_audio.delta/3', 'client:response.create'];

function readMoment(text: string, path: string): JsonObject {
	const groups = /^(every:)?(?:(\d+)ms|(client:)?([a-z_.]+)(?:\/(\d+))?)(?:\?(\d+(?:\.\d+)?(?:e-\d+)?))?$/.exec(text);
	if (!groups) {
		throw new Wrong(`${path}.when`, `${show(text)} is no moment; write it as ${listChoices(EXAMPLE_MOMENTS)}`);
	}
	const [, every, afterMs, client, type, nth, probability] = groups;
	const chance = {
		...(every === undefined ? {} : { every: true }),
		...(probability === undefined ? {} : { probability: Number(probability) })
	};
	if (afterMs !== undefined) return { afterMs: Number(afterMs), ...chance };
	if (type === 'response' && client === undefined) return { response: nth === undefined ? 1 : Number(nth), ...chance };
	const counted = nth === undefined ? {} : { nth: Number(nth) };
	return { [client === undefined ? 'event' : 'clientEvent']: type, ...counted, ...chance };
}

function parseOne(text: string, path: string): Fault {
	try {
		const [head = '', moment, ...more] = text.split('@');
		if (more.length > 0) throw new Wrong(path, 'it has more than one "@"; put a comma between two faults');
		const colon = head.indexOf(':');
		const kind = colon === -1 ? head : head.slice(0, colon);
		return parseFault(
			{
				fault: kind,
				...(colon === -1 ? {} : readArgument(kind, head.slice(colon + 1), path)),
				...(moment === undefined ? {} : { when: readMoment(moment, path) })
			},
			path
		);
	} catch (error) {
		if (error instanceof Wrong) throw new Wrong(`In ${show(text)}`, error.message);
		throw error;
	}
}

/** Reads the short form. The error says which of the faults, what is wrong with it and how to write it. */
export function parseFaultText(text: string): { faults: Fault[] } | { error: string } {
	const trimmed = text.trim();
	if (trimmed === '' || trimmed === 'none') return { faults: [] };
	try {
		return { faults: trimmed.split(',').map((one, index) => parseOne(one.trim(), `faults[${index}]`)) };
	} catch (error) {
		return describeWrong(error);
	}
}

/** Reads what one connection asks for: JSON when it begins like JSON, else the short form; `none` is none. */
export function readFaults(text: string): { faults: Fault[] } | { error: string } {
	if (!/^\s*[[{]/.test(text)) return parseFaultText(text);
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return { error: `faults: they are neither JSON (${(error as Error).message}) nor in the short form` };
	}
	return parseFaults(Array.isArray(value) ? value : [value]);
}

function describeMoment(when: Trigger): string {
	const every = when.every ? 'every:' : '';
	const chance = when.probability === 1 ? '' : `?${when.probability}`;
	if ('afterMs' in when) return `@${every}${when.afterMs}ms${chance}`;
	if ('response' in when) return `@${every}response/${when.response}${chance}`;
	const type = 'event' in when ? when.event : `client:${when.clientEvent}`;
	return `@${every}${type}/${when.nth}${chance}`;
}

function describeArgument(fault: Fault): string {
	switch (fault.fault) {
		case 'delay':
			return `:${fault.ms}~${fault.jitterMs}`;
		case 'drop':
			return `:${fault.code}`;
		case 'server_error':
		case 'malformed':
			return `:${fault.as}`;
		case 'expire':
			return fault.announce ? ':announce' : '';
		case 'slow_consumer':
		case 'silence':
			return `:${fault.forMs}`;
		case 'rate_limit':
			return '';
	}
}

/** The short form of a fault, for a log. Everything is in it but the reason of a drop. */
export function describeFault(fault: Fault): string {
	return `${fault.fault}${describeArgument(fault)}${fault.when ? describeMoment(fault.when) : ''}`;
}
