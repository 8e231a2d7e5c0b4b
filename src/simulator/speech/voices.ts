/** How each of the ten Realtime voices is made from Flite's four speakers. */

export interface VoiceRecipe {
	speaker: 'slt' | 'rms' | 'awb' | 'kal16';
	/** Mean pitch; `rms` ignores it. */
	pitchHz: number;
	/** Above 1 is slower. */
	stretch: number;
	/** Formants are moved by declaring the sound to be at 16 kHz times this; pitch and tempo are set so that they stay. */
	formantRatio: number;
	/** Evens the speakers out to about -20 dBFS RMS: they differ by 13 dB. Measured on one sentence. */
	gainDb: number;
	/** `slt` has a low rumble in its pauses. */
	highPass: boolean;
}

export const voices: Readonly<Record<string, VoiceRecipe>> = {
	alloy: { speaker: 'slt', pitchHz: 175, stretch: 1, formantRatio: 0.94, gainDb: -5.6, highPass: true },
	ash: { speaker: 'rms', pitchHz: 95, stretch: 1, formantRatio: 1, gainDb: 1, highPass: false },
	ballad: { speaker: 'awb', pitchHz: 120, stretch: 1.12, formantRatio: 1, gainDb: 0, highPass: false },
	coral: { speaker: 'slt', pitchHz: 215, stretch: 0.92, formantRatio: 1.05, gainDb: -6.3, highPass: true },
	echo: { speaker: 'kal16', pitchHz: 105, stretch: 0.95, formantRatio: 1, gainDb: 7.3, highPass: false },
	sage: { speaker: 'slt', pitchHz: 160, stretch: 1.15, formantRatio: 0.88, gainDb: -5.2, highPass: true },
	shimmer: { speaker: 'slt', pitchHz: 240, stretch: 1.05, formantRatio: 1.14, gainDb: -6.3, highPass: true },
	verse: { speaker: 'rms', pitchHz: 135, stretch: 0.9, formantRatio: 1.12, gainDb: 1, highPass: false },
	marin: { speaker: 'slt', pitchHz: 195, stretch: 1, formantRatio: 1, gainDb: -6, highPass: true },
	cedar: { speaker: 'awb', pitchHz: 88, stretch: 1, formantRatio: 0.88, gainDb: -0.2, highPass: false }
};
