/** The three stages in a row, as a session uses them: words, an answer, and its voice sentence by sentence. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLlmAnswers } from '#simulator/cascade/llm-answers.ts';
import { createSttHearing } from '#simulator/cascade/stt-hearing.ts';
import {
	answerRequest,
	configFrom,
	hearingRequest,
	noteAnswer,
	noteHearing,
	noteSpeech,
	samplesOf
} from '#simulator/cascade/testing/listeners.ts';
import type { AnswerEntry, Heard, SpeechEntry } from '#simulator/cascade/testing/listeners.ts';
import { startOpenAiStub, wavOf } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub } from '#simulator/cascade/testing/openai-stub.ts';
import { createTtsSpeech } from '#simulator/cascade/tts-speech.ts';
import type { ConversationItem } from '#simulator/session/conversation.ts';

let llm: OpenAiStub;
let stt: OpenAiStub;
let tts: OpenAiStub;
beforeEach(async () => {
	[llm, stt, tts] = await Promise.all([startOpenAiStub(), startOpenAiStub(), startOpenAiStub()]);
});
afterEach(() => Promise.all([llm.dispose(), stt.dispose(), tts.dispose()]));

const config = (): ReturnType<typeof configFrom> =>
	configFrom({ EARSHOT_LLM_URL: llm.url, EARSHOT_STT_URL: stt.url, EARSHOT_TTS_URL: tts.url });

/** What a caller said, once a transcription server gave the words. */
async function hearTurn(): Promise<ConversationItem> {
	const { samples, rateHz } = hearingRequest();
	const part = { type: 'input_audio' as const, transcript: null, audio: [samples], rateHz, heardWords: '' };
	const { listener, heard } = noteHearing();
	createSttHearing(config().stt).hear(hearingRequest(), {
		...listener,
		onDone: (words) => {
			part.heardWords = words;
			listener.onDone(words);
		}
	});
	(await stt.next()).replyJson({ text: 'Where is my order?' });
	await heard.ended;
	return { kind: 'message', id: 'item_1', status: 'completed', role: 'user', content: [part] };
}

/** Answers a turn aloud: each sentence goes to the voice as soon as it is complete. `interrupt` is a barge-in. */
function answerAloud(item: ConversationItem): {
	answer: Heard<AnswerEntry>;
	speech: Heard<SpeechEntry>;
	interrupt: () => void;
} {
	const answer = noteAnswer();
	const speech = noteSpeech();
	const utterance = createTtsSpeech(config().tts).speak({ voice: 'cedar', speed: 1 }, speech.listener);
	let unsaid = '';
	const running = createLlmAnswers(config().llm).answer(answerRequest({ items: [item] }), {
		...answer.listener,
		onText: (text) => {
			unsaid += text;
			const end = unsaid.search(/(?<=[.!?])\s/);
			if (end >= 0) {
				utterance.say(unsaid.slice(0, end));
				unsaid = unsaid.slice(end);
			}
			answer.listener.onText(text);
		},
		onEnd: (end) => {
			utterance.say(unsaid);
			utterance.end();
			answer.listener.onEnd(end);
		}
	});
	return {
		answer: answer.heard,
		speech: speech.heard,
		interrupt: () => {
			running.cancel();
			utterance.cancel();
		}
	};
}

const sound = (...samples: number[]): Uint8Array => wavOf(Int16Array.from(samples), 24_000);

it('speaks the first sentence while the model still writes the second', async () => {
	const { answer, speech } = answerAloud(await hearTurn());
	const chat = await llm.next();
	expect(chat.json['messages']).toContainEqual({ role: 'user', content: 'Where is my order?' });
	chat.begin().delta({ content: 'It left' }).delta({ content: ' today. It' });
	const first = await tts.next();
	expect(first.json).toMatchObject({ input: 'It left today.', voice: 'cedar' });
	first.reply(200, 'audio/wav', sound(1, 1));
	await speech.hasTold(1);
	expect(answer.told.at(-1)).toEqual({ text: ' today. It' });
	chat.delta({ content: ' comes on Friday.' }).finish();
	await answer.ended;
	const second = await tts.next();
	expect(second.json).toMatchObject({ input: 'It comes on Friday.' });
	second.reply(200, 'audio/wav', sound(2));
	await speech.ended;
	expect(samplesOf(speech)).toEqual([1, 1, 2]);
	expect(speech.told.at(-1)).toEqual({ done: true });
});

it('stops thinking and speaking at a barge-in', async () => {
	const { answer, speech, interrupt } = answerAloud(await hearTurn());
	const chat = await llm.next();
	chat.begin().delta({ content: 'It left today. It' });
	const voice = await tts.next();
	voice.begin('audio/wav').send(wavOf(Int16Array.from([1]), 24_000, 1, 0));
	await speech.hasTold(1);
	interrupt();
	await Promise.all([chat.closed, voice.closed]);
	expect(answer.told).toEqual([{ text: 'It left today. It' }]);
	expect(samplesOf(speech)).toEqual([1]);
});
