/** For tests: faults on a virtual clock, between a session that is a list of events and a socket that only takes notes. */
import { createFaultInjector } from '#simulator/faults/fault-injector.ts';
import type { FaultInjector } from '#simulator/faults/fault-injector.ts';
import { readFaults } from '#simulator/faults/fault-text.ts';
import { createRandom } from '#simulator/session/ids.ts';
import { START_MS, VirtualClock } from '#simulator/testing/virtual-clock.ts';

/** What the socket was asked to do, and when: milliseconds since the session opened. */
export interface Note {
	atMs: number;
	did: string;
}

export class FaultRig {
	readonly clock = new VirtualClock();
	readonly injector: FaultInjector;
	readonly notes: Note[] = [];
	/** The texts that were sent, as they were sent. */
	readonly sent: string[] = [];
	/** What reached the session. */
	readonly received: string[] = [];
	/** Faults that happened, in their short form. */
	readonly happened: string[] = [];

	/** `faults` in their short form or as JSON. */
	constructor(faults: string, seed = 'seed') {
		const parsed = readFaults(faults);
		if ('error' in parsed) throw new Error(parsed.error);
		this.injector = createFaultInjector({
			faults: parsed.faults,
			random: createRandom(seed),
			nowMs: this.clock.nowMs,
			schedule: this.clock.schedule,
			model: 'gpt-realtime',
			onFault: (fault) => this.happened.push(fault),
			edge: {
				sendText: (text) => {
					this.sent.push(text);
					this.#note(`send ${nameOf(text)}`);
				},
				close: (code, reason) => this.#note(`close ${code} ${reason}`),
				tear: () => this.#note('tear'),
				pauseReading: () => this.#note('pause'),
				resumeReading: () => this.#note('resume')
			}
		});
		this.injector.begin({
			receiveText: (text) => this.received.push(nameOf(text)),
			receiveBinary: () => this.received.push('binary')
		});
	}

	/** What the socket did, in order. */
	get did(): string[] {
		return this.notes.map(({ did }) => did);
	}

	/** The session sends an event; `n` tells events of one type apart. */
	send(type: string, n = 0): void {
		const session = type === 'session.created' ? { session: { id: 'sess_test' } } : {};
		this.injector.send({ type, event_id: `event_${n}`, ...session });
	}

	/** A message of the client comes. */
	receive(type: string): void {
		this.injector.receiveText(JSON.stringify({ type }));
	}

	#note(did: string): void {
		this.notes.push({ atMs: this.clock.nowMs() - START_MS, did });
	}
}

/** The type of an event and its number; `?` for what is not JSON. */
function nameOf(text: string): string {
	try {
		const { type, event_id: id } = JSON.parse(text) as { type: string; event_id?: string };
		return /^event_[1-9]\d*$/.test(id ?? '') ? `${type} ${id?.slice(6)}` : type;
	} catch {
		return '?';
	}
}
