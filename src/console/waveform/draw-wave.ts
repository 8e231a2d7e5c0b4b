/**
 * Draws one track's levels over the whole canvas: a bar for each, mirrored about the middle. Recorded silence is a hairline;
 * where nothing was recorded (a negative level) nothing is drawn.
 *
 * @param gain by how much the levels (0 to 1) are enlarged to fill the height
 */
export function drawWave(levels: ArrayLike<number>, context: CanvasRenderingContext2D, gain: number): void {
	const { width, height } = context.canvas;
	const step = width / levels.length;
	for (let i = 0; i < levels.length; i++) {
		const level = levels[i]!;
		if (level < 0) continue;
		const barHeight = Math.max(1, Math.min(1, level * gain) * height);
		context.fillRect(Math.round(i * step), (height - barHeight) / 2, Math.max(1, Math.ceil(step)), barHeight);
	}
}

/**
 * The gain that fills the height with the loudest sample, in steps of 6 dB so that it seldom changes, and at most 24 dB.
 */
export function chooseGain(loudest: number): number {
	let gain = 1;
	while (gain < 16 && loudest > 0 && loudest * gain * 2 <= 0.96) gain *= 2;
	return loudest > 0 ? gain : 1;
}
