import { assertPresent } from '#core/base/assert.ts';
import { deriveConversation } from '#core/timeline/conversation.ts';
import { makeCough } from './cough.ts';
import { answerOf, clock, closeOf, interruptionOf, seconds, timeOf } from './facts.ts';
import type { HeadlessCall } from './headless-call.ts';
import { sessionOf } from './sessions.ts';
import type { Demo } from './stage.ts';

/** Turn detection takes a cough for the caller's turn: the answer is cancelled, and another one asks what was said. */
export const falseStart: Demo = {
	name: 'false-start',
	startedAt: '2026-11-20T10:10:00.000Z',
	scenarios: [
		{
			// What transcription makes of a cough.
			caller: ['Hello. When does the next train to Bristol leave?', 'Hmm.', 'No, sorry, I only coughed. Please go on.'],
			rules: [
				{
					when: { turn: 1 },
					say:
						'The next train to Bristol leaves at ten past nine from platform four. It stops in Reading and Swindon, ' +
						'and arrives at a quarter to eleven. The one after that leaves at twenty to ten.'
				},
				{ when: { turn: 2 }, say: 'Sorry, did you want to ask something?' },
				{ say: 'Of course. It leaves at ten past nine, from platform four.' }
			]
		}
	],
	async record(stage) {
		const question = await stage.voice('coral', 'Hello. When does the next train to Bristol leave?');
		const plea = await stage.voice('coral', 'No, sorry, I only coughed. Please go on.');
		const call = stage.call(
			sessionOf({
				instructions: 'You tell when trains leave. You are on the telephone.',
				voice: 'cedar',
				isTelephone: true
			})
		);
		await call.connect();
		call.openMicrophone();
		await call.pause(500);
		await call.speak(question);
		await call.untilHeard(1, 1150);
		await call.speak(makeCough(stage.seed, 190));
		await call.untilAnswered(2);
		await call.pause(250);
		await call.speak(plea);
		await call.untilAnswered(3);
		await call.pause(600);
		await call.disconnect();
		const { at, playedMs } = interruptionOf(call.session);
		const again = answerOf(call, 3).fromMs;
		const note =
			`The caller coughs while the model speaks. Turn detection takes that for speech (speech_started at ` +
			`${clock(timeOf(call, 'input_audio_buffer.speech_started', 2))}): the answer is cancelled with the reason ` +
			`turn_detected, after ${seconds(playedMs)} of it were heard. What was no turn becomes one: it is committed at ` +
			`${clock(timeOf(call, 'input_audio_buffer.committed', 2))}, transcribed as "Hmm.", and answered. The caller hears ` +
			`about the train again at ${clock(again)}: the cough cost ${seconds(again - at)}. To try against it: a higher ` +
			`threshold, or interrupt_response: false. The audio is that of a telephone line (G.711, 8 kHz).`;
		return [
			{
				name: 'false-start',
				title: 'A false start: a cough stops the answer',
				about: 'Turn detection takes a cough for speech: the answer is cut off, and the talk loses its thread.',
				tags: ['demo', 'turn detection', 'false start', 'telephone'],
				note,
				call
			}
		];
	}
};

const FAULTS = 'server_error:event@response.output_audio.delta/72,drop:1011@response.output_audio.delta/78';
const GUIDE = {
	instructions: 'You show guests of a hotel the way, step by step. You are on the telephone.',
	voice: 'alloy',
	isTelephone: true
};

/** The server fails in the middle of an answer; the client connects again and tells the new session what was said. */
export const lostConnection: Demo = {
	name: 'lost-connection',
	startedAt: '2026-11-20T10:00:00.000Z',
	scenarios: [
		{
			caller: ['Hello. I am at the station. How do I walk to the hotel?'],
			rules: [
				{
					say:
						'Welcome! Leave the station by the north exit and turn left. Then walk along the river for ten minutes, until ' +
						'you see an iron bridge. Go over the bridge, and keep to the right of the museum. Behind it is a square with ' +
						'old trees, and there you will find the hotel on your left, opposite the post office. If you see the theatre, ' +
						'you have gone too far.'
				}
			]
		},
		{
			caller: ['I see it now. Thank you!'],
			rules: [
				{
					when: { instructions: 'was lost' },
					say: 'Sorry, the line was lost. From the north exit, turn left, and walk along the river to the iron bridge.'
				},
				{ say: 'Wonderful. See you soon!' }
			]
		}
	],
	async record(stage) {
		const question = await stage.voice('ballad', 'Hello. I am at the station. How do I walk to the hotel?');
		const thanks = await stage.voice('ballad', 'I see it now. Thank you!');
		const lost = stage.call(sessionOf(GUIDE), FAULTS);
		await lost.connect();
		await lost.pause(600);
		await lost.holdAndSpeak(question);
		await lost.untilClosed();
		await lost.pause(1500);
		const again = stage.call(sessionOf(GUIDE));
		await again.connect();
		restoreConversation(again, lost);
		again.requestResponse({ instructions: 'Say that the line was lost, then go on where you stopped.' });
		await again.untilAnswered(1);
		await again.pause(300);
		await again.holdAndSpeak(thanks);
		await again.untilAnswered(2);
		await again.pause(700);
		await again.disconnect();
		return [describeLost(lost), describeAgain(again)];
	}
};

/** A new session knows nothing: what was said, and of the answer only what was heard, is put into it. */
function restoreConversation(again: HeadlessCall, lost: HeadlessCall): void {
	for (const { role, text, heardText } of deriveConversation(lost.session)) {
		const said = heardText?.heard ?? text;
		const content = role === 'user' ? [{ type: 'input_text', text: said }] : [{ type: 'output_text', text: said }];
		again.send({ type: 'conversation.item.create', item: { type: 'message', role, content } });
	}
}

function describeLost(call: HeadlessCall) {
	const { code, reason } = closeOf(call);
	const error = assertPresent(call.session.problems[0], 'a problem');
	const { madeMs } = answerOf(call, 1);
	const playedMs = assertPresent(call.session.utterances[0], 'an answer').playback.playedSamples / 24;
	return {
		name: 'lost-connection-1',
		title: 'An error, and the connection is lost (1 of 2)',
		about: 'An error event, and the server is gone while the model speaks. The second recording shows the reconnect.',
		tags: ['demo', 'error', 'reconnect'],
		note:
			`While the model speaks, an error event comes at ${clock(error.at)}, and at ${clock(call.session.at)} the server ` +
			`closes the connection with code ${code} ("${reason}"). The response never gets its response.done. ` +
			`${seconds(madeMs)} of sound had arrived, ${seconds(playedMs)} were heard. The failure was ordered from the simulator: see ` +
			`earshot-faults in the address of earshot.connection.opening, the first event. A new connection is a new session, ` +
			`and so a recording of its own: the second of the two.`,
		call
	};
}

function describeAgain(call: HeadlessCall) {
	return {
		name: 'lost-connection-2',
		title: 'Connected again, and told what was said (2 of 2)',
		about: 'What a client does after a lost connection: a new session, the conversation put into it, and on it goes.',
		tags: ['demo', 'error', 'reconnect'],
		note:
			`The call of the first of the two recordings goes on. The new session (session.created at ` +
			`${clock(timeOf(call, 'session.created'))}) knows nothing of the old one, so the client puts the conversation ` +
			`into it with conversation.item.create at ${clock(timeOf(call, 'conversation.item.create'))}: the caller's question, ` +
			`and of the answer only the words that were heard. Then it asks for a response that goes on from there; it is heard from ` +
			`${clock(answerOf(call, 1).fromMs)}.`,
		call
	};
}
