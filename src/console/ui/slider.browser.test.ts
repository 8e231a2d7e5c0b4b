import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import Slider from './Slider.svelte';

let mounted: Record<string, unknown>;
let host: HTMLElement;

afterEach(async () => {
	await unmount(mounted);
	host.remove();
});

function open(value: number, max: number): number[] {
	const changes: number[] = [];
	host = document.createElement('div');
	host.style.cssText = 'width: 400px; display: flex';
	document.body.append(host);
	const steps = { ArrowRight: 1000, ArrowLeft: -1000 };
	const props = { value, max, label: 'Playhead', valueText: 'now', steps, onchange: (to: number) => changes.push(to) };
	mounted = mount(Slider, { target: host, props });
	flushSync();
	return changes;
}

test('keys move it by their steps, a tenth of them with Shift, and to its ends', async () => {
	const changes = open(5000, 5500);
	const slider = page.getByRole('slider', { name: 'Playhead' });
	expect(slider.element().getAttribute('aria-valuenow')).toBe('5000');
	expect(slider.element().getAttribute('aria-valuemax')).toBe('5500');
	await userEvent.tab();
	expect(document.activeElement).toBe(slider.element());
	await userEvent.keyboard('{ArrowRight}{ArrowLeft}{Shift>}{ArrowRight}{/Shift}{Home}{End}x');
	expect(changes).toEqual([5500, 4000, 5100, 0, 5500]);
});

test('it goes where it is clicked and dragged, and no further than its ends', () => {
	const changes = open(0, 3_600_000);
	const slider = page.getByRole('slider').element();
	const { left, width } = slider.getBoundingClientRect();
	const point = (type: string, fraction: number) =>
		slider.dispatchEvent(
			new PointerEvent(type, { clientX: left + width * fraction, button: 0, pointerId: 1, bubbles: true })
		);
	slider.setPointerCapture = () => undefined; // the events are not a real pointer's
	point('pointermove', 0.1);
	point('pointerdown', 0.5);
	point('pointermove', 0.75);
	point('pointermove', 1.5);
	point('pointerup', 1.5);
	point('pointermove', 0.25);
	expect(changes).toEqual([1_800_000, 2_700_000, 3_600_000]);
});
