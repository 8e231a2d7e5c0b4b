import { expect, test } from 'vitest';
import { adoptSession } from './adopt-session.ts';

test('what only the server sets is left out, and so is what nobody asked for', () => {
	const effective = {
		type: 'realtime',
		object: 'realtime.session',
		id: 'sess_1',
		model: 'gpt-realtime',
		expires_at: 1785460927,
		prompt: null,
		instructions: '',
		audio: {
			input: { format: { type: 'audio/pcm', rate: 24000 }, transcription: null, turn_detection: null },
			output: { voice: 'marin' }
		}
	};
	expect(adoptSession(effective)).toEqual({
		type: 'realtime',
		instructions: '',
		audio: {
			input: { format: { type: 'audio/pcm', rate: 24000 }, turn_detection: null },
			output: { voice: 'marin' }
		}
	});
});
