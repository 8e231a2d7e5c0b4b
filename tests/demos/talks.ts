import { answerDelayOf, answerOf, clock, interruptionOf, seconds, timeOf } from './facts.ts';
import { sessionOf } from './sessions.ts';
import type { Demo } from './stage.ts';

/** Nothing goes wrong: what the other demos are compared with. */
export const cleanTurn: Demo = {
	name: 'clean-turn',
	startedAt: '2026-11-20T10:40:00.000Z',
	scenarios: [
		{
			caller: ['Good morning. Until when are you open today?', 'Perfect, thank you. Goodbye!'],
			rules: [
				{
					when: { turn: 1 },
					say: 'Good morning! We are open until half past six today, and tomorrow from nine to one.'
				},
				{ say: 'You are welcome. Goodbye!' }
			]
		}
	],
	async record(stage) {
		const question = await stage.voice('cedar', 'Good morning. Until when are you open today?');
		const thanks = await stage.voice('cedar', 'Perfect, thank you. Goodbye!');
		const call = stage.call(
			sessionOf({
				instructions:
					'You answer the phone of a pharmacy. Be friendly and brief. Open today until 18:30, Saturday 9 to 13.',
				voice: 'marin'
			})
		);
		await call.connect();
		await call.pause(700);
		await call.holdAndSpeak(question);
		await call.untilAnswered(1);
		await call.pause(400);
		await call.holdAndSpeak(thanks);
		await call.untilAnswered(2);
		await call.pause(700);
		await call.disconnect();
		const stoppedMs = timeOf(call, 'input_audio_buffer.speech_stopped');
		const first = answerOf(call, 1);
		const note =
			`Two turns, and nothing goes wrong: compare the other demos with this one. Turn detection hears the end of the ` +
			`question at ${clock(stoppedMs)}, half a second after the last word; the first sound of the answer is played ` +
			`${answerDelayOf(call, 1)} ms later, at ${clock(first.fromMs)}. That wait is what callers feel. The answer is made ` +
			`faster than it is said: all ${seconds(first.madeMs)} of it are there at ` +
			`${clock(timeOf(call, 'response.output_audio.done'))}, and the last word is heard at ${clock(first.toMs)}.`;
		return [
			{
				name: 'clean-turn',
				title: 'A clean turn: until when are you open?',
				about: 'A question, an answer, goodbye: how a conversation looks when nothing goes wrong.',
				tags: ['demo', 'clean turn'],
				note,
				call
			}
		];
	}
};

/** The caller has heard enough: playing stops, and the client tells the server how much was heard. */
export const bargeIn: Demo = {
	name: 'barge-in',
	startedAt: '2026-11-20T10:30:00.000Z',
	scenarios: [
		{
			caller: ['Hello. Which birthday cakes can I order for Saturday?', 'The lemon cake, please. For eight people.'],
			rules: [
				{
					when: { turn: 1 },
					say:
						'Hello! For Saturday we can bake a chocolate cake with cherries, a lemon cake with almonds, ' +
						'a carrot cake with walnuts, an apple cake with cinnamon, and a white cake with raspberries.'
				},
				{ say: 'A lemon cake for eight, on Saturday. Thank you!' }
			]
		}
	],
	async record(stage) {
		const question = await stage.voice('ash', 'Hello. Which birthday cakes can I order for Saturday?');
		const choice = await stage.voice('ash', 'The lemon cake, please. For eight people.');
		const call = stage.call(
			sessionOf({
				instructions: 'You take orders for a bakery. Name what can be ordered, then take the order.',
				voice: 'coral'
			})
		);
		await call.connect();
		call.openMicrophone();
		await call.pause(500);
		await call.speak(question);
		await call.untilHeard(1, 4300);
		await call.speak(choice);
		await call.untilAnswered(2);
		await call.pause(600);
		await call.disconnect();
		const { at, playedMs } = interruptionOf(call.session);
		const { madeMs } = answerOf(call, 1);
		const note =
			`The microphone is open all the time, and the caller speaks over the answer at ${clock(at)}. By then the whole ` +
			`answer had arrived (its response is done since ${clock(timeOf(call, 'response.done'))}), but of its ` +
			`${seconds(madeMs)} only ${seconds(playedMs)} were heard. The client stops the sound and sends ` +
			`conversation.item.truncate with audio_end_ms ${Math.floor(playedMs)}, so that the model does not believe it has ` +
			`offered the cakes that nobody heard of. See the hatched part in the model's waveform, and the crossed out words.`;
		return [
			{
				name: 'barge-in',
				title: 'Barge-in: the caller has heard enough',
				about: 'The caller speaks over a long answer; the client stops it and truncates it to what was heard.',
				tags: ['demo', 'interruption', 'truncate'],
				note,
				call
			}
		];
	}
};

const TOOL_TAKES_MS = 4000;

/** The tool takes four seconds, in which the model says something. */
export const lateTool: Demo = {
	name: 'late-tool',
	startedAt: '2026-11-20T10:20:00.000Z',
	scenarios: [
		{
			caller: ['Will it rain in Lisbon tomorrow? I am packing my bag.'],
			rules: [
				{
					when: { toolOutput: { tool: 'get_weather' } },
					say: 'Tomorrow in Lisbon it stays {output.sky}, with {output.high} degrees. Leave the umbrella at home!'
				},
				{
					when: { instructions: 'takes a moment' },
					say: 'It takes a little longer than usual.'
				},
				{
					when: { turn: 1 },
					do: [
						{ say: 'One moment, I will look that up.' },
						{ call: { tool: 'get_weather', arguments: { city: 'Lisbon', day: 'tomorrow' } } }
					]
				},
				{ say: 'Have a good trip!' }
			]
		}
	],
	async record(stage) {
		const question = await stage.voice('verse', 'Will it rain in Lisbon tomorrow? I am packing my bag.');
		const call = stage.call(
			sessionOf({
				instructions: 'You tell the weather. Look it up, never guess.',
				voice: 'sage',
				tools: [WEATHER_TOOL]
			})
		);
		await call.connect();
		await call.pause(600);
		await call.holdAndSpeak(question);
		await call.until('the call of the tool', () => call.count('response.function_call_arguments.done') > 0);
		const calledMs = timeOf(call, 'response.function_call_arguments.done');
		const result = call.pause(TOOL_TAKES_MS);
		await call.pause(1900);
		call.requestResponse({ instructions: 'Tell the caller in one sentence that it takes a moment.' });
		await result;
		const callId = [...call.session.items.values()].find(({ type }) => type === 'function_call')?.callId ?? '';
		const output = JSON.stringify({ sky: 'dry and sunny', high: 24, rain_mm: 0 });
		call.send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: callId, output } });
		call.requestResponse();
		await call.untilAnswered(3);
		await call.pause(700);
		await call.disconnect();
		const outputMs = timeOf(call, 'conversation.item.create');
		const filler = answerOf(call, 2);
		const note =
			`The model calls get_weather at ${clock(calledMs)}, and the result is sent back at ${clock(outputMs)}: ` +
			`${seconds(outputMs - calledMs)} later. That is long on the phone, so the client asks for a response in between ` +
			`(${clock(timeOf(call, 'response.create'))}) whose instructions say to fill the time: it is heard from ` +
			`${clock(filler.fromMs)} to ${clock(filler.toMs)}. The answer with the forecast follows at ` +
			`${clock(answerOf(call, 3).fromMs)}, ${seconds(answerOf(call, 3).fromMs - timeOf(call, 'input_audio_buffer.speech_stopped'))} ` +
			`after the question.`;
		return [
			{
				name: 'late-tool',
				title: 'A tool that takes four seconds',
				about: 'The model looks up the weather; the result is late, and the model fills the wait.',
				tags: ['demo', 'tool call', 'latency'],
				note,
				call
			}
		];
	}
};

const WEATHER_TOOL = {
	type: 'function',
	name: 'get_weather',
	description: 'The forecast for a city.',
	parameters: {
		type: 'object',
		properties: { city: { type: 'string' }, day: { type: 'string', enum: ['today', 'tomorrow'] } },
		required: ['city', 'day']
	}
};
