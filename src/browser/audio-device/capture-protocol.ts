/** What the page and the capture worklet say to each other. */

export const CAPTURE_PROCESSOR = 'earshot-capture';

export interface CaptureOptions {
	/** Samples in a whole frame of audio. */
	readonly frameSamples: number;
}

/** Deliver from now on, or no longer; the worklet answers `switched` after the last piece that it had begun. */
export interface ToCaptureWorklet {
	readonly isSending: boolean;
	readonly switchCount: number;
}

export type FromCaptureWorklet =
	/** PCM16, little-endian; `frame` is the context's frame of its first sample. */
	| { readonly kind: 'audio'; readonly pcm16: Uint8Array<ArrayBuffer>; readonly frame: number }
	/** The loudest absolute sample (0 to 1) of the last 50 ms, sent or not. */
	| { readonly kind: 'level'; readonly peak: number }
	| { readonly kind: 'switched'; readonly switchCount: number };
