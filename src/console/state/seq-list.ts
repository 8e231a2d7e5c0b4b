import { countBefore } from '#core/base/binary-search.ts';

/** Numbers of events in ascending order: any number of them, four bytes each. */
export class SeqList {
	#seqs = new Uint32Array(2048);
	#length = 0;

	get length(): number {
		return this.#length;
	}

	at(index: number): number {
		return this.#seqs[index]!;
	}

	/** Adds one that is greater than all there are. */
	push(seq: number): void {
		if (this.#length === this.#seqs.length) {
			const grown = new Uint32Array(this.#seqs.length * 2);
			grown.set(this.#seqs);
			this.#seqs = grown;
		}
		this.#seqs[this.#length++] = seq;
	}

	clear(): void {
		this.#length = 0;
	}

	/** How many are smaller. */
	countBefore(seq: number): number {
		return countBefore(this.#length, (index) => this.#seqs[index]! < seq);
	}

	/** Puts others where they belong; they are in ascending order, and none of them is here. */
	insert(seqs: ArrayLike<number>): void {
		const old = this.#seqs.subarray(0, this.#length);
		this.#length += seqs.length;
		this.#seqs = new Uint32Array(Math.max(2048, this.#length * 2));
		for (let to = 0, from = 0, other = 0; to < this.#length; to++) {
			const isOther = from === old.length || (other < seqs.length && seqs[other]! < old[from]!);
			this.#seqs[to] = isOther ? seqs[other++]! : old[from++]!;
		}
	}

	/** Takes out those for which `isGone` holds. */
	remove(isGone: (seq: number) => boolean): void {
		let kept = 0;
		for (let at = 0; at < this.#length; at++) if (!isGone(this.#seqs[at]!)) this.#seqs[kept++] = this.#seqs[at]!;
		this.#length = kept;
	}
}
