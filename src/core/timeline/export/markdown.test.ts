import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../../tests/fixtures/make-fixtures.ts';
import { foldLog, SESSION, SessionScript } from '../../../../tests/fixtures/session-script.ts';
import type { RecordingHeader } from '../../recording/recorded-event.ts';
import { formatMarkdown } from './markdown.ts';

const HEADER: RecordingHeader = {
	earshot: 1,
	id: 'id',
	startedAt: '2026-11-20T09:00:00.250Z',
	title: 'Opening hours, interrupted',
	endpoint: 'Simulator',
	transport: 'WebSocket',
	model: 'gpt-realtime-2.1',
	redacted: []
};

function transcript(script: SessionScript, header: Partial<RecordingHeader> = {}): string {
	return [...formatMarkdown({ ...HEADER, ...header }, script.session())].join('');
}

/** Only what was said: without the facts before. */
function conversation(script: SessionScript): string {
	return transcript(script).split('## Conversation\n')[1]!.trim();
}

test('a session that was interrupted', () => {
	const facts = { model: 'gpt-realtime-2.1-2026', voice: 'marin' };
	expect([...formatMarkdown(HEADER, bargeIn().session(), facts)].join('')).toMatchInlineSnapshot(`
		"# Opening hours, interrupted

		- Time: 2026-11-20 09:00:00 UTC
		- Length: 0:02.530
		- Model: gpt-realtime-2.1-2026
		- Voice: marin
		- Endpoint: Simulator
		- Turns: 2
		- Interruptions: 1
		- Errors: 0

		~~Struck~~ words were never heard. Where they begin is estimated from the pace of the speech: the protocol gives no times for words.

		## Conversation

		### 0:00.140 Caller

		When are you open?

		### 0:00.730 Model, interrupted after 0.720 s

		We are open from nine to ~~six on weekdays, and from ten to~~

		### 0:01.140 Caller

		Just Sunday.

		### 0:01.950 Model

		Closed on Sundays.
		"
	`);
});

describe('the facts', () => {
	test('are those that are known', () => {
		const script = new SessionScript().at(61_500).server('session.created', { session: SESSION });
		const header = { model: '', endpoint: '', source: 'Chrome HAR', redacted: ['api key', 'email'] };
		expect(transcript(script, header)).toMatchInlineSnapshot(`
			"# Opening hours, interrupted

			- Time: 2026-11-20 09:00:00 UTC
			- Length: 1:01.500
			- Read from: Chrome HAR
			- Turns: 0
			- Interruptions: 0
			- Errors: 0
			- Taken out: api key, email

			## Conversation

			*Nothing was said.*
			"
		`);
	});

	test('have no time where the source had none', () => {
		const text = transcript(new SessionScript().at(10).server('session.created'), { clock: 'order' });
		expect(text).toContain('- Time: not recorded: the times below only keep the order\n- Model');
		expect(text).not.toContain('Length');
	});
});

describe('the items', () => {
	test('calls of tools have names, arguments and outputs', () => {
		const script = new SessionScript().connects().at(100).callerTypes('u', 'Weather?', null).responseBegins('r');
		const call = { id: 'c', type: 'function_call', status: 'completed', name: 'get_weather', call_id: 'call_1' };
		script
			.at(200)
			.server('response.output_item.done', { response_id: 'r', item: { ...call, arguments: '{"city":"Oslo"}' } });
		script.responseEnds('r', [call]).at(1200);
		const output = { id: 'o', type: 'function_call_output', call_id: 'call_1', output: 'rain\n```\n# no heading' };
		script.server('conversation.item.added', { previous_item_id: 'c', item: output });
		const orphan = { id: 'p', type: 'function_call_output', call_id: 'gone', output: '' };
		script.server('conversation.item.added', { previous_item_id: 'o', item: orphan });
		expect(conversation(script)).toMatchInlineSnapshot(`
			"### 0:00.130 Caller (text)

			Weather?

			### 0:00.200 Tool call get\\_weather

			\`\`\`json
			{"city":"Oslo"}
			\`\`\`

			### 0:01.200 Tool output get\\_weather

			\`\`\`\`
			rain
			\`\`\`
			# no heading
			\`\`\`\`

			### 0:01.200 Tool output

			*Nothing.*"
		`);
	});

	test('of the system, without words, out of band and unfinished say so', () => {
		const script = new SessionScript().connects().at(100);
		const system = { id: 's', type: 'message', role: 'system', content: [{ type: 'input_text', text: 'Be\nkind.' }] };
		script.server('conversation.item.added', { previous_item_id: null, item: system });
		script.at(200).callerCommits('u', 's');
		script.at(300).responseBegins('r', { conversation_id: null }).modelBegins('r', 'm', 'u', 'text');
		script.modelWrites('r', 'm', ['Half a ']);
		expect(conversation(script)).toMatchInlineSnapshot(`
			"### 0:00.100 System

			Be

			kind.

			### 0:00.200 Caller

			*Speech without a transcript.*

			### 0:00.300 Model (text), outside of the conversation, not finished

			Half a"
		`);
	});

	test('that are deleted are left out', () => {
		const script = new SessionScript().connects().callerTypes('u', 'gone', null);
		script.server('conversation.item.deleted', { item_id: 'u' });
		expect(conversation(script)).toBe('*Nothing was said.*');
	});
});

describe('what was never heard', () => {
	/** What is shown of 1,000 ms of speech that was heard for so long. Its response came to its end, so its pace is known. */
	function cutAt(playedMs: number, text: string, isEstimated = false): string {
		const script = new SessionScript();
		if (isEstimated) script.server('session.created', { session: SESSION });
		else script.connects();
		script.responseBegins('r').modelBegins('r', 'm', null).modelSpeaks('r', 'm', [text], 1000);
		if (!isEstimated) script.playback('started', 'm', 0).wait(playedMs);
		if (!isEstimated) script.playback('stopped', 'm', playedMs, { reason: 'caller_speech' });
		else script.client('conversation.item.truncate', { item_id: 'm', content_index: 0, audio_end_ms: playedMs });
		script.responseEnds('r');
		return conversation(script).split('\n').slice(2).join('\n');
	}

	test.each([
		['at a space', 500, 'one two three four', 'one two ~~three four~~'],
		['in a text without spaces', 500, '今天天气怎么样', '今天天~~气怎么样~~'],
		['before a mark', 500, '今天天气，怎么样啊', '今天天气 ~~，怎么样啊~~'],
		['after a mark', 500, '今天天，气怎么样', '今天天，~~气怎么样~~'],
		['before a word that looks like a link', 400, 'go to https://a.b/c now', 'go to ~~`https://a.b/c` now~~'],
		['before what would be a list', 300, 'one two\n- three', 'one ~~two~~\n\n~~\\- three~~'],
		['at a line end', 500, 'one two\n three 4', 'one two\n\n~~three 4~~'],
		['before everything', 0, 'one two', '~~one two~~']
	])('%s is struck', (_where, playedMs, text, expected) => expect(cutAt(playedMs, text)).toBe(expected));

	test('is said to be estimated where no playback was recorded', () => {
		const script = new SessionScript().server('session.created', { session: SESSION }).responseBegins('r');
		script.modelBegins('r', 'm', null).modelSpeaks('r', 'm', ['one two'], 1000);
		script.client('conversation.item.truncate', { item_id: 'm', content_index: 0, audio_end_ms: 640 });
		expect(conversation(script)).toContain('Model, interrupted after about 0.640 s, not finished');
		expect(cutAt(640, 'one two three four', true)).toBe('one two ~~three four~~');
	});

	test('is told apart from an interruption when the session ended first', () => {
		const script = new SessionScript().connects().responseBegins('r').modelBegins('r', 'm', null);
		script.modelSpeaks('r', 'm', ['one two three four'], 1000).playback('started', 'm', 0).wait(500);
		script.playback('stopped', 'm', 500, { reason: 'connection_closed' });
		expect(conversation(script)).toContain('Model, not heard to its end, not finished\n');
		const other = new SessionScript().connects().responseBegins('r').modelBegins('r', 'm', null);
		other.modelSpeaks('r', 'm', ['one two'], 1000).console('connection.closed', { code: 1000 });
		expect(conversation(other)).toContain('Model, never heard, not finished\n\n~~one two~~');
	});
});

test('errors have a part of their own', () => {
	const script = new SessionScript().connects().at(1234);
	script.server('error', { error: { message: 'No <b>such</b>\n# voice.', code: 'invalid_value', type: 'x' } });
	expect(transcript(script).split('## Errors')[1]).toBe(
		'\n\n- 0:01.234 No &lt;b&gt;such&lt;/b&gt; # voice. (invalid\\_value)\n'.replace(' # ', ' \\# ')
	);
});

test('nothing that a session holds makes a line that is not ours', () => {
	const ours =
		/^($|# .|## (Conversation|Errors)$|### [\d:.e+]+ .|- [A-Z][a-z ]*: |- [\d:.e+]+ |\*[A-Z][a-z ]+\.\*$|~~Struck~~ words)/;
	fc.assert(
		fc.property(hostileLog(), fc.string(), (log, title) => {
			const text = [...formatMarkdown({ ...HEADER, title, source: title, endpoint: title }, foldLog(log))].join('');
			let fence: string | null = null;
			for (const line of text.split('\n')) {
				if (fence !== null) {
					if (line === fence) fence = null;
				} else if (/^`{3,}(json)?$/.test(line)) fence = line.replace('json', '');
				else if (!ours.test(line)) expect(line).not.toMatch(/^([#>\-+=:|<]|[*]\s|\d+[.)]|\s|`{3}|~{3})/);
			}
			expect(fence).toBeNull();
		})
	);
});
