import type { JsonObject } from '#core/base/json.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { createRandom } from '#simulator/session/ids.ts';
import { speak } from '../browser/speech.ts';
import { HeadlessCall } from './headless-call.ts';
import { startSimulator } from './loopback-simulator.ts';
import { sessionOf } from './sessions.ts';

const MODEL = 'gpt-realtime-2.1';
/** Voices are louder than people at a microphone are. */
const CALLER_GAIN = 0.7;

/** What a demo is made of. */
export interface Demo {
	/** Begins its file names and its ids, and is the seed of all that is random in it. */
	readonly name: string;
	/** Wall time at which it seems to have happened, ISO 8601. */
	readonly startedAt: string;
	/** Who answers in the first call, in the second ...: see docs/scenarios.md. */
	readonly scenarios: readonly JsonObject[];
	/** Holds the calls, and says what was recorded. */
	record(stage: Stage): Promise<DemoRecording[]>;
}

/** One recording of a demo: one session. */
export interface DemoRecording {
	/** Of the file, without its suffix. */
	readonly name: string;
	readonly title: string;
	/** One sentence for the list that offers it. */
	readonly about: string;
	readonly tags: readonly string[];
	/** What to look at, and where. */
	readonly note: string;
	readonly call: HeadlessCall;
}

/** Where a demo happens: a simulator of its own, voices, and a clock on the wall. */
export interface Stage {
	/** A caller's words, 24 kHz mono. */
	voice(name: string, text: string): Promise<Int16Array>;
	/** The next call, not connected yet. `faults` is what the simulator is asked to do wrong in it. */
	call(session: JsonObject, faults?: string): HeadlessCall;
	/** For what else is random. */
	readonly seed: string;
}

let wallZeroMs = 0;

/**
 * Sets the clock on the wall, from which the simulator takes dates and a part of its ids: demos that are made anew on
 * another day then differ by the jitter of timers alone. For scripts that end soon.
 */
function setWallClock(iso: string): void {
	wallZeroMs = Date.parse(iso) - performance.now();
	Date.now = wallNow;
}

function wallNow(): number {
	return Math.round(wallZeroMs + performance.now());
}

/** Holds the calls of a demo, in real time. Each recording comes with its header. */
export async function recordDemo(demo: Demo): Promise<{ header: RecordingHeader; recording: DemoRecording }[]> {
	setWallClock(demo.startedAt);
	const scenarios = Object.fromEntries(demo.scenarios.map((scenario, index) => [scenarioName(index), scenario]));
	const simulator = await startSimulator(demo.name, scenarios);
	const starts = new Map<HeadlessCall, string>();
	const stage: Stage = {
		seed: demo.name,
		voice: async (name, text) => (await speak(text, name)).map((sample) => Math.round(sample * CALLER_GAIN)),
		call: (session, faults) => {
			const asked = faults === undefined ? '' : `&earshot-faults=${faults}`;
			const url = `${addressOf(simulator.port)}${asked}&earshot-scenario=${scenarioName(starts.size)}`;
			// What a reader can connect to: `npm start` listens there, and it does not know the scenarios of demos.
			const call = new HeadlessCall({ url, shownUrl: `${addressOf(4600)}${asked}`, session });
			const wholeSecond = Math.floor(Date.now() / 1000) * 1000;
			starts.set(call, new Date(wholeSecond).toISOString());
			return call;
		}
	};
	try {
		await warmUp(simulator.port);
		setWallClock(demo.startedAt);
		const recordings = await demo.record(stage);
		return recordings.map((recording) => ({
			header: headerOf(recording, starts.get(recording.call) ?? ''),
			recording
		}));
	} finally {
		await simulator.dispose();
	}
}

function addressOf(port: number): string {
	return `ws://127.0.0.1:${port}/v1/realtime?model=${MODEL}`;
}

function scenarioName(index: number): string {
	return `call-${index + 1}`;
}

/** The first words and the first judgement of turn detection take longer than all others: they belong to no demo. */
async function warmUp(port: number): Promise<void> {
	const url = addressOf(port);
	const session = sessionOf({ instructions: 'Say hello.', voice: 'marin', isTelephone: true });
	const call = new HeadlessCall({ url, shownUrl: url, session });
	await call.connect();
	call.openMicrophone();
	const random = createRandom('warm');
	await call.speak(Int16Array.from({ length: 12_000 }, () => Math.round((random() - 0.5) * 20)));
	call.requestResponse();
	await call.until('the simulator is warm', () => call.count('response.done') > 0);
	await call.disconnect();
}

function headerOf({ name, title, tags, note }: DemoRecording, startedAt: string): RecordingHeader {
	return {
		earshot: 1,
		id: `demo-${name}`,
		startedAt,
		title,
		endpoint: 'Simulator',
		transport: 'WebSocket',
		model: MODEL,
		redacted: [],
		tags,
		note
	};
}
