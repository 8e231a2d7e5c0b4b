/**
 * The simulator against recorded sessions of the service: it is given the same client's lines, and what it sends is
 * compared with what was recorded: order, fields, values. What `testing/log-comparison.ts` leaves out depends on the words
 * said or on chance; every other difference is in the list below, with its reason.
 *
 * EARSHOT_CORPUS names the folder of recordings; without it these tests are skipped. With EARSHOT_LOG_TABLE=1 the tables
 * are printed as Markdown.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { openSpeechDetector } from '#simulator/detection/speech-detector.ts';
import {
	AZURE_LOGS,
	detectAll,
	findCorpusFile,
	OPENAI_LOGS,
	readLog,
	readRawAudio
} from '#simulator/testing/corpus.ts';
import { compareEvents } from '#simulator/testing/log-comparison.ts';
import { APPEND_SAMPLES, replayLog, serverEventsOf } from '#simulator/testing/log-replay.ts';
import type { ReplayOptions } from '#simulator/testing/log-replay.ts';
import { explainLog, formatTables, isKnown } from '#simulator/testing/log-table.ts';
import type { ComparedLog, KnownDifference } from '#simulator/testing/log-table.ts';
import { checkServerEvent } from '#simulator/testing/server-event-schema.ts';

const KNOWN: KnownDifference[] = [
	{
		logs: /^test_openai_ws__test_tool_call_round$/,
		event: 'rate_limits.updated 1',
		what: 'simulated, not recorded, after response.done 1',
		explanation:
			'Not sent this once, though the session went on. A recorded session of gpt-realtime-2.1 has it at this very ' +
			'place, and so has a live probe: the simulator sends it after every response.'
	},
	{
		logs: /^test_azure_/,
		event: 'rate_limits.updated 1',
		what: 'simulated, not recorded, after response.done 1',
		explanation: 'Azure never sends it.'
	},
	...['response.content_part.added 1', 'response.content_part.done 1'].map((event) => ({
		logs: /^test_azure_/,
		event,
		what: 'field content is recorded, not simulated',
		explanation: 'Azure says the part twice, as `part` and as `content`; OpenAI does not.'
	}))
];

const fileOf = (name: string): string | undefined => findCorpusFile('logs', 'pydantic-ai', `${name}.jsonl`);
const clip = findCorpusFile('audio', 'marcelo_24khz_s16le_mono.pcm');
const isSpoken = (name: string): boolean => name.includes('audio_in');
const compared: ComparedLog[] = [];

let clipHeard: Promise<ReplayOptions> | undefined;

/** The clip, which the recorder cut out of the logs, and what the detector finds in it. */
async function hearClip(): Promise<ReplayOptions> {
	const audio = readRawAudio(clip ?? '');
	const detector = openSpeechDetector();
	return { audio, probabilities: await detectAll(audio, APPEND_SAMPLES, detector).finally(() => detector.dispose()) };
}

function compareLog(name: string, options: ReplayOptions): ComparedLog & { problems: string[] } {
	const log = readLog(fileOf(name) ?? '');
	const recorded = serverEventsOf(log);
	const { events: simulated, problems } = replayLog(log, options);
	return { problems, ...explainLog({ name, recorded, simulated }, compareEvents(recorded, simulated), KNOWN) };
}

describe('sessions of OpenAI: nothing differs that is not explained', () => {
	for (const name of OPENAI_LOGS) {
		const paces = isSpoken(name) ? [0, 100] : [0];
		for (const appendMs of paces) {
			const pace = paces.length === 1 ? '' : appendMs === 0 ? ', audio all at once' : ', audio as in life';
			it.skipIf(!fileOf(name) || (isSpoken(name) && !clip))(`${name}${pace}`, { timeout: 60_000 }, async () => {
				const result = compareLog(name, isSpoken(name) ? { ...(await (clipHeard ??= hearClip())), appendMs } : {});
				if (appendMs === 0) compared.push(result);
				expect(result.problems).toEqual([]);
				expect(result.differences.filter(({ explanation }) => explanation === undefined)).toEqual([]);
				expect(result.simulated.flatMap((event) => checkServerEvent(event))).toEqual([]);
			});
		}
	}
});

describe('sessions of Azure, which adds and leaves out a little', () => {
	it.skipIf(!fileOf(AZURE_LOGS[0])).each(AZURE_LOGS)('%s', (name) => {
		const result = compareLog(name, {});
		compared.push(result);
		expect(result.problems).toEqual([]);
	});
});

describe('the list of differences', () => {
	it.skipIf(!fileOf(OPENAI_LOGS[0]))('has no entry that no log shows', () => {
		const stale = KNOWN.filter(
			(entry) => !compared.some(({ name, differences }) => differences.some((found) => isKnown(entry, name, found)))
		);
		expect(stale).toEqual([]);
	});
});

afterAll(() => {
	if (process.env['EARSHOT_LOG_TABLE']) console.log(formatTables(compared));
});
