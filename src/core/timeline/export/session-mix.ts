import type { WireFormat } from '../../audio/wire-format.ts';
import type { AudioReader } from '../../recording/export/audio-reader.ts';
import type { TrackName } from '../../recording/recorded-event.ts';
import type { Session } from '../../session/session-model.ts';
import { deriveCallerPlacements, deriveModelPlacements, type Placement } from '../placements.ts';
import { deriveLength } from '../summary.ts';
import { planMix, type Mix, type PlacedAudio } from './mix.ts';

/**
 * What a sound file holds: both voices, caller left and model right (`stereo`) or in one channel (`mono`), or one voice
 * alone, in session time. The model's is what was heard of it; `model-generated` is all that came of it, one utterance
 * behind the other without pauses, heard or not.
 */
export type MixKind = 'stereo' | 'mono' | 'caller' | 'model-heard' | 'model-generated';

export interface SessionMixOptions {
	/** How the session codes each side: `audioWireFormat` of core/protocol/session-config.ts tells. PCM16 without it. */
	readonly formats?: Readonly<Record<TrackName, WireFormat>>;
	/** Placements, where they are derived already. */
	readonly caller?: readonly Placement[];
	readonly model?: readonly Placement[];
}

/** Lays out the audio of a session that was folded to its end. */
export function deriveSessionMix(
	session: Session,
	kind: MixKind,
	audio: AudioReader,
	options: SessionMixOptions = {}
): Mix {
	const formats = options.formats ?? { caller: 'pcm16', model: 'pcm16' };
	if (kind === 'model-generated') {
		const { placements, lengthMs } = deriveGenerated(session);
		return planMix([[{ track: 'model', placements, format: formats.model }]], lengthMs, audio);
	}
	const callerPlacements = options.caller ?? deriveCallerPlacements(session);
	const modelPlacements = (options.model ?? deriveModelPlacements(session)).filter(({ state }) => state === 'heard');
	const caller = { track: 'caller', placements: callerPlacements, format: formats.caller } as const;
	const model = { track: 'model', placements: modelPlacements, format: formats.model } as const;
	const channels = {
		stereo: [[caller], [model]],
		mono: [[caller, model]],
		caller: [[caller]],
		'model-heard': [[model]]
	}[kind];
	return planMix(channels, deriveLength(session, [...callerPlacements, ...modelPlacements]), audio);
}

/** All of the model's audio, utterance by utterance. The bytes of two that came at the same time are put in order. */
function deriveGenerated(session: Session): { placements: PlacedAudio[]; lengthMs: number } {
	const placements: PlacedAudio[] = [];
	let startMs = 0;
	for (const { itemId, contentIndex, pieces, bytesPerMs } of session.utterances) {
		for (const { offset, length } of pieces) {
			// Two parts of one item are two streams of bytes.
			placements.push({ startMs, offset, length, bytesPerMs, itemId: `${itemId} ${contentIndex}` });
			startMs += length / bytesPerMs;
		}
	}
	return { placements, lengthMs: startMs };
}
