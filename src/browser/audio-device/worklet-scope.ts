/** What an audio worklet's thread offers: TypeScript's libraries do not know it. */
interface WorkletScope {
	/** Frames rendered before the quantum that is being rendered. */
	readonly currentFrame: number;
	readonly AudioWorkletProcessor: new () => { readonly port: MessagePort };
	registerProcessor(name: string, processor: new (options: { processorOptions: never }) => unknown): void;
}

/** The global scope of an audio worklet. For the worklets only: nothing of it exists in a page. */
export const workletScope = globalThis as unknown as WorkletScope;
