import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText } from '../../../../tests/fixtures/arbitrary.ts';
import { hostileLog } from '../../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../../tests/fixtures/make-fixtures.ts';
import { foldLog, SessionScript } from '../../../../tests/fixtures/session-script.ts';
import type { Session } from '../../session/session-model.ts';
import { formatRow } from './csv.ts';
import { formatTurnsCsv } from './turns-csv.ts';

/** A parser of RFC 4180, to the letter: throws for what is not. */
function parseCsv(text: string): string[][] {
	const rows: string[][] = [];
	let row: string[] = [];
	let at = 0;
	while (at < text.length) {
		const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
		field.lastIndex = at;
		const match = field.exec(text)!;
		row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
		at += match[0].length;
		if (text[at] === ',') at++;
		else if (text.startsWith('\r\n', at)) {
			rows.push(row);
			row = [];
			at += 2;
		} else throw new Error(`no comma and no line end at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`);
	}
	if (row.length > 0) throw new Error('the last row has no end');
	return rows;
}

function rowsOf(session: Session): Record<string, string>[] {
	const [names, ...rows] = parseCsv([...formatTurnsCsv(session)].join(''));
	for (const row of rows) expect(row).toHaveLength(names!.length);
	return rows.map((row) => Object.fromEntries(names!.map((name, i) => [name, row[i]!])));
}

test('the turns of a session that was interrupted', () => {
	expect([...formatTurnsCsv(bargeIn().session())].join('')).toMatchInlineSnapshot(`
		"turn,start_ms,caller_text,speech_start_ms,speech_stop_ms,response_status,response_reason,response_created_ms,first_audio_received_ms,first_audio_played_ms,response_done_ms,answer_delay_ms,model_text_heard,model_text_unheard,interrupted,interrupted_after_ms,input_tokens,output_tokens,tool_calls
		1,140,When are you open?,140,540,cancelled,turn_detected,690,690,730,1450,190,We are open from nine to,"six on weekdays, and from ten to",yes,720,40,22,
		2,1140,Just Sunday.,1140,1560,completed,,1920,1920,1950,1950,150,Closed on Sundays.,,no,,40,22,
		"
	`);
});

describe('a turn', () => {
	test('with a call of a tool has two responses', () => {
		const script = new SessionScript()
			.connects()
			.at(100)
			.callerTypes('u', 'Weather?', null)
			.at(200)
			.responseBegins('r');
		const call = {
			id: 'c',
			type: 'function_call',
			status: 'completed',
			name: 'get_weather',
			call_id: 'k',
			arguments: ''
		};
		script.server('response.output_item.added', { response_id: 'r', item: call }).at(300).responseEnds('r', [call]);
		const output = { id: 'o', type: 'function_call_output', call_id: 'k', output: 'rain' };
		script.server('conversation.item.added', { previous_item_id: 'c', item: output }).at(400).responseBegins('s');
		script.modelBegins('s', 'm', 'o').modelSpeaks('s', 'm', ['Rain.'], 250).at(500).playback('started', 'm', 0);
		script.at(600).modelEnds('s', 'm', 'Rain.', { previous: 'o' });
		expect(rowsOf(script.session())).toEqual([
			{
				turn: '1',
				start_ms: '130',
				caller_text: 'Weather?',
				speech_start_ms: '',
				speech_stop_ms: '',
				response_status: 'completed; completed',
				response_reason: '',
				response_created_ms: '200',
				first_audio_received_ms: '400',
				first_audio_played_ms: '500',
				response_done_ms: '600',
				answer_delay_ms: '370',
				model_text_heard: 'Rain.',
				model_text_unheard: '',
				interrupted: 'no',
				interrupted_after_ms: '',
				input_tokens: '80',
				output_tokens: '44',
				tool_calls: 'get_weather'
			}
		]);
	});

	test('of which the response failed before it made anything has it all the same', () => {
		const script = new SessionScript().connects().at(100).callerTypes('u', 'One', null).callerTypes('v', 'Two', 'u');
		script
			.at(300)
			.responseBegins('r')
			.at(400)
			.server('response.done', {
				response: { id: 'r', status: 'failed', status_details: { error: { code: 'server_error' } }, output: [] }
			});
		expect(
			rowsOf(script.session()).map((row) => [row['response_status'], row['response_reason'], row['input_tokens']])
		).toEqual([
			['', '', ''],
			['failed', 'server_error', '']
		]);
	});

	test('has the response that made its items, also when that came after the next turn began', () => {
		const script = new SessionScript().connects().callerTypes('u', 'One', null).callerTypes('v', 'Two', 'u');
		script.responseBegins('r').modelBegins('r', 'm', 'u', 'text').modelWrites('r', 'm', ['First.']).responseEnds('r');
		const rows = rowsOf(script.session());
		expect(rows.map((row) => [row['caller_text'], row['model_text_heard'], row['response_status']])).toEqual([
			['One', 'First.', 'completed'],
			['Two', '', '']
		]);
	});

	test('names calls, and nothing else that has a name', () => {
		const script = new SessionScript().connects().callerTypes('u', 'One', null).responseBegins('r');
		for (const [id, type] of Object.entries({ a: 'mcp_approval_request', b: 'mcp_call', c: 'function_call' })) {
			const item = { id, type, name: `name_${id}`, arguments: '{}' };
			script.server('response.output_item.done', { response_id: 'r', item });
		}
		expect(rowsOf(script.session())[0]).toMatchObject({ tool_calls: 'name_b; name_c' });
	});

	test('leaves out what was said out of band', () => {
		const script = new SessionScript().connects().callerTypes('u', 'Hello', null);
		script
			.responseBegins('r', { conversation_id: null })
			.modelBegins('r', 'm', 'u', 'text')
			.modelWrites('r', 'm', ['aside']);
		script.responseEnds('r');
		expect(rowsOf(script.session())[0]).toMatchObject({ model_text_heard: '', response_status: '' });
	});

	test('that is open has no end of speech', () => {
		const script = new SessionScript().connects().callerSends(500, 330);
		script.server('input_audio_buffer.speech_started', { audio_start_ms: 100, item_id: 'u' }).callerSends(200, 330);
		script.server('conversation.item.added', {
			previous_item_id: null,
			item: { id: 'u', type: 'message', role: 'user' }
		});
		expect(rowsOf(script.session())[0]).toMatchObject({ speech_start_ms: '120', speech_stop_ms: '' });
	});
});

describe('a cell', () => {
	test.each([
		['=1+1', "'=1+1"],
		['+49 30', "'+49 30"],
		['-1', "'-1"],
		['@SUM(A1)', "'@SUM(A1)"],
		['\tx', "'\tx"],
		['\rx', "'\rx"],
		['\nx', "'\nx"],
		['  =1', "'  =1"],
		['\0=1', "'\0=1"],
		['＝1', "'＝1"],
		['1-2=3', '1-2=3'],
		['', '']
	])('of other people is never calculated: %j', (text, shown) => {
		expect(parseCsv(formatRow([{ text }]))).toEqual(text === '' ? [['']] : [[shown]]);
	});

	test('of ours is what it is: a negative number stays a number', () => {
		expect(formatRow([-12.34567, 1e308, 'yes', null, 0.1 + 0.2])).toBe('-12.346,1e+308,yes,,0.3\r\n');
	});

	test('comes back whole, whatever it holds', () => {
		fc.assert(
			fc.property(fc.array(anyText(), { minLength: 1, maxLength: 6 }), (texts) => {
				const row = parseCsv(formatRow(texts.map((text) => ({ text }))));
				expect(row).toHaveLength(1);
				row[0]!.forEach((cell, i) => {
					const text = texts[i]!.toWellFormed();
					expect([text, `'${text}`]).toContain(cell);
					expect(cell).not.toMatch(/^[\s\0]*[=+\-@]|^[\t\r]/);
				});
			})
		);
	});
});

test('the file begins with a byte order mark only when asked', () => {
	const session = new SessionScript().session();
	expect([...formatTurnsCsv(session, { byteOrderMark: true })].join('')).toMatch(/^\uFEFFturn,start_ms,/);
	expect([...formatTurnsCsv(session)].join('')).toMatch(/^turn,start_ms,[a-z_,]+\r\n$/);
});

test('whatever a session holds makes rows of the same length', () => {
	fc.assert(fc.property(hostileLog(), (log) => void rowsOf(foldLog(log))));
});
