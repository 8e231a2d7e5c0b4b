/** Counts the occasions on which a fault could happen and says on which of them it does. */
import { createRandom } from '#simulator/session/ids.ts';
import type { RandomSource } from '#simulator/session/ids.ts';
import { ANY_EVENT } from '#simulator/faults/faults.ts';
import type { Fault } from '#simulator/faults/faults.ts';

export class Occasions<Kind extends Fault = Fault> {
	readonly fault: Kind;
	/** Its own, so that no fault changes what happens to another. */
	readonly random: RandomSource;
	#count = 0;

	constructor(fault: Kind, seed: string) {
		this.fault = fault;
		this.random = createRandom(seed);
	}

	/** Whether it happens at this server event. */
	isAtEvent(type: string): boolean {
		const { when } = this.fault;
		if (!when || !('event' in when) || (when.event !== ANY_EVENT && when.event !== type)) return false;
		return this.#isDue(++this.#count, when.nth);
	}

	/** Whether it happens at this message of the client; `type` is undefined when it has none. */
	isAtClientEvent(type: string | undefined): boolean {
		const { when } = this.fault;
		if (!when || !('clientEvent' in when) || (when.clientEvent !== ANY_EVENT && when.clientEvent !== type))
			return false;
		return this.#isDue(++this.#count, when.nth);
	}

	/** Whether it happens to the response with this number. */
	isAtResponse(number: number): boolean {
		const { when } = this.fault;
		return when !== undefined && 'response' in when && this.#isDue(number, when.response);
	}

	/** Whether it happens now that its time has come. */
	isAtTime(): boolean {
		return this.#isLucky();
	}

	#isDue(count: number, nth: number): boolean {
		const isNth = this.fault.when?.every ? count % nth === 0 : count === nth;
		return isNth && this.#isLucky();
	}

	#isLucky(): boolean {
		return this.random() < (this.fault.when?.probability ?? 1);
	}
}
