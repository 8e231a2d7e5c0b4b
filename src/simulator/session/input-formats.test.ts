/** What a caller can send besides 24 kHz PCM and words: G.711 and images; and what comes back in G.711. */
import { describe, expect, it } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { countImageTokens, readImage } from '#simulator/session/images.ts';
import { sessionUpdate, summarize, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';

const codecs = [
	{ type: 'audio/pcmu', encode: encodeMuLaw, decode: decodeMuLaw },
	{ type: 'audio/pcma', encode: encodeALaw, decode: decodeALaw }
] as const;

/** 8 kHz: `ms` of a tone, or of silence. */
function tone(ms: number, level: number): Int16Array {
	return Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(level * Math.sin((2 * Math.PI * 400 * i) / 8000)));
}

describe.each(codecs)('$type', ({ type, encode, decode }) => {
	const format = { type };
	const inG711 = (): VirtualSession => {
		const world = new VirtualSession();
		world.exchange([sessionUpdate({ audio: { input: { format }, output: { format } } })]);
		return world;
	};
	const send = (world: VirtualSession, samples: Int16Array): void => {
		for (let at = 0; at < samples.length; at += 160) {
			const audio = Buffer.from(encode(samples.subarray(at, at + 160))).toString('base64');
			world.exchange([{ type: 'input_audio_buffer.append', audio }], 20);
		}
	};

	it('is heard, with offsets in the same milliseconds as PCM', () => {
		const g711 = inG711();
		expect(g711.last('session.updated')).toMatchObject({
			session: { audio: { input: { format }, output: { format } } }
		});
		send(g711, tone(960, 0));
		send(g711, tone(1280, 8000));
		send(g711, tone(600, 0));
		const pcm = new VirtualSession();
		pcm.speak(960, 0);
		pcm.speak(1280);
		pcm.speak(600, 0);
		for (const event of ['speech_started', 'speech_stopped']) {
			const { item_id: _id, event_id: _event, ...offsets } = g711.last(`input_audio_buffer.${event}`);
			expect(pcm.last(`input_audio_buffer.${event}`)).toMatchObject(offsets);
		}
		g711.advance(12_000);
		expect(g711.last('response.done')).toMatchObject({
			response: { usage: { input_token_details: { audio_tokens: 18 } } }
		});
	});

	it('comes back: deltas of 250 ms, as long in all as the answer, and the item holds them', () => {
		const world = inG711();
		world.exchange([typedMessage('Hello'), { type: 'response.create' }], 20_000);
		const deltas = world.events.filter((event) => event.type === 'response.output_audio.delta');
		const bytes = deltas.map((event) => Buffer.from(String(event['delta']), 'base64'));
		for (const some of bytes.slice(1, -1)) expect(some.length).toBe(2000);
		const all = Buffer.concat(bytes);
		const { response } = world.last('response.done') as {
			response?: { usage?: { output_token_details: { audio_tokens: number } } };
		};
		expect(Math.floor(all.length / 8 / 50)).toBe(response?.usage?.output_token_details.audio_tokens);
		// The voice of this world is a constant of 1000.
		const middle = decode(all.subarray(1000, 2000));
		for (const sample of middle) expect(Math.abs(sample - 1000)).toBeLessThan(40);
		const item = world.last('response.output_item.done')['item'] as { id: string };
		world.exchange([{ type: 'conversation.item.retrieve', item_id: item.id }]);
		const stored = world.last('conversation.item.retrieved')['item'] as { content: { audio: string }[] };
		expect(Math.abs(Buffer.from(stored.content[0]?.audio ?? '', 'base64').length - all.length)).toBeLessThanOrEqual(1);
	});

	it('is kept as it was sent', () => {
		const world = inG711();
		world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		const samples = tone(500, 6000);
		send(world, samples);
		world.exchange([{ type: 'input_audio_buffer.commit' }]);
		const itemId = world.last('input_audio_buffer.committed')['item_id'];
		world.exchange([{ type: 'conversation.item.retrieve', item_id: itemId }]);
		const item = world.last('conversation.item.retrieved')['item'] as { content: { audio: string }[] };
		expect(item.content[0]?.audio).toBe(Buffer.from(encode(samples)).toString('base64'));
	});
});

describe('a change of format in mid-session', () => {
	it('keeps what was not committed, and the offsets go on', () => {
		const world = new VirtualSession();
		world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		world.speak(1000, 500);
		world.exchange([sessionUpdate({ audio: { input: { format: { type: 'audio/pcmu' } } } })]);
		const audio = Buffer.from(encodeMuLaw(tone(500, 500))).toString('base64');
		world.exchange([{ type: 'input_audio_buffer.append', audio }, { type: 'input_audio_buffer.commit' }]);
		world.exchange([{ type: 'response.create' }], 12_000);
		expect(world.last('response.done')).toMatchObject({
			response: { usage: { input_token_details: { audio_tokens: 15 } } }
		});
	});

	it('reaches a response of its own format only', () => {
		const world = new VirtualSession();
		const output = { format: { type: 'audio/pcma' } };
		world.exchange([{ type: 'response.create', response: { audio: { output } } }], 20_000);
		expect(world.last('response.done')).toMatchObject({
			response: { audio: { output: { format: { type: 'audio/pcma' } } } }
		});
		expect(
			Buffer.from(String(world.events.find(({ type }) => type === 'response.output_audio.delta')?.['delta']), 'base64')
				.length
		).toBeLessThan(2001);
	});
});

/** A PNG of one colour needs no more than its header to be measured. */
function png(width: number, height: number): string {
	const header = Buffer.alloc(33);
	Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(header);
	header.writeUInt32BE(13, 8);
	header.write('IHDR', 12, 'latin1');
	header.writeUInt32BE(width, 16);
	header.writeUInt32BE(height, 20);
	return `data:image/png;base64,${header.toString('base64')}`;
}

describe('images', () => {
	const message = (imageUrl: string, detail?: string): Record<string, unknown> => ({
		type: 'conversation.item.create',
		item: {
			type: 'message',
			role: 'user',
			content: [
				{ type: 'input_image', image_url: imageUrl, ...(detail ? { detail } : {}) },
				{ type: 'input_text', text: 'What is this?' }
			]
		}
	});

	it('are taken, said back and counted', () => {
		const world = new VirtualSession();
		const events = world.exchange([message(png(1024, 768)), { type: 'response.create' }], 20_000);
		expect(summarize(events).slice(0, 3)).toEqual([
			'conversation.item.added',
			'conversation.item.done',
			'response.created'
		]);
		expect(events[0]).toMatchObject({ item: { content: [{ type: 'input_image', detail: 'auto' }, {}] } });
		expect(world.last('response.done')).toMatchObject({
			response: { usage: { input_token_details: { image_tokens: 85 + 4 * 170 } } }
		});
	});

	it.each([
		[1, 1, 'auto', 255],
		[512, 512, 'high', 255],
		[513, 512, 'high', 425],
		[4096, 4096, 'high', 765],
		[4096, 100, 'high', 765],
		[4096, 4096, 'low', 85]
	] as const)('%i x %i at %s detail are %i tokens', (width, height, detail, tokens) => {
		expect(countImageTokens({ width, height }, detail)).toBe(tokens);
	});

	it.each([
		'https://example.com/a.png',
		'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
		'data:image/png;base64,AAAA',
		''
	])('refuses %s', (url) => {
		expect(readImage(url)).toBeUndefined();
		expect(new VirtualSession().exchange([message(url)])[0]).toMatchObject({
			error: { code: 'invalid_value', param: 'item.content[0].image_url' }
		});
	});
});
