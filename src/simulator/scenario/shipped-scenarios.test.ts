/** Each scenario that comes with the simulator, walked through as people would. */
import { describe, expect, it } from 'vitest';
import { createScenarioHearing } from '#simulator/scenario/scenario-hearing.ts';
import type { Answer, ScenarioConversation } from '#simulator/scenario/testing/scenario-conversation.ts';
import { openShipped as open } from '#simulator/scenario/testing/shipped-conversation.ts';

/** One exchange: what the caller says or what a tool gives, and what must come back. */
type Turn = [input: string | { tool: string; output: unknown }, messages: string | RegExp, call?: object];

/** Has the conversation, typed or spoken with known words, and compares each answer. */
function walk(conversation: ScenarioConversation, how: 'typed' | 'spoken', turns: readonly Turn[]): void {
	for (const [input, messages, call] of turns) {
		if (typeof input !== 'string') conversation.giveOutput(input.tool, input.output);
		else if (how === 'typed') conversation.type(input);
		else conversation.speak(input);
		const answer = conversation.answer();
		const about = JSON.stringify([input, answer.log]);
		expect(answer.messages.join(' '), about).toMatch(messages);
		expect(
			answer.calls.map(({ name, arguments: args }) => ({ [name]: JSON.parse(args) as unknown })),
			about
		).toEqual(call ? [call] : []);
		expect(answer.end, about).toEqual({ kind: 'completed' });
	}
}

const book = (output: unknown): Turn[0] => ({ tool: 'manage_appointment', output });

const bookings: Turn[] = [
	['Hi there.', /reached Willow Street Dental/],
	["I'd like to book a check-up, please.", 'Of course. Which day would suit you?'],
	['Friday.', 'Friday, good. And at what time?'],
	['Around three.', 'Lovely, Friday at three. And what name is it?'],
	['Anna Smith.', 'Anna Smith, did I get that right?'],
	[
		'Yes.',
		'Thank you, Anna Smith. Let me see whether Friday at three is free.',
		{ manage_appointment: { action: 'book', name: 'Anna Smith', day: 'Friday', time: 'three' } }
	],
	[
		book({ status: 'taken', alternatives: ['11 am', '4 pm'] }),
		"I'm sorry, Friday at three has just gone. I could do 11 am or 4 pm instead. Which would you like?"
	],
	[
		'4 pm, please.',
		"I'm looking at Friday at 4 pm.",
		{ manage_appointment: { action: 'book', name: 'Anna Smith', day: 'Friday', time: '4 pm' } }
	],
	[book({ status: 'booked' }), "You're all set, Anna Smith. That's Friday at 4 pm"],
	['Actually, I need to move it to Tuesday.', /What time would you like/],
	[
		'At half past two.',
		'Right, Anna Smith, to Tuesday at half past two.',
		{ manage_appointment: { action: 'move', name: 'Anna Smith', day: 'Tuesday', time: 'half past two' } }
	],
	[book({ status: 'moved' }), "I've moved you to Tuesday at half past two"],
	["No, that's all, thank you.", 'Thank you for calling Willow Street Dental. Goodbye!']
];

describe('receptionist', () => {
	it.each(['typed', 'spoken'] as const)('books, offers what is free, and moves: %s', (how) => {
		walk(open('receptionist'), how, bookings);
	});

	it('takes all of it in one sentence, and tries again when the diary is out of order', () => {
		const call = (time: string): object => ({
			manage_appointment: { action: 'book', name: 'Joe Miller', day: 'Monday', time }
		});
		walk(open('receptionist'), 'spoken', [
			[
				"Hello, I'd like a cleaning on Monday at 10 am, my name is Joe Miller and I'm new.",
				'Thank you, Joe Miller.',
				call('10 am')
			],
			[book('error: timeout'), "our diary isn't answering just now. Shall I try again?"],
			['Yes, please.', 'One moment, Joe Miller', call('10 am')],
			[book({ status: 'taken' }), 'Monday at 10 am is taken. Is there another time'],
			['11', 'Let me see whether Monday at 11 is free.', call('11')],
			[book({ ok: true }), "You're all set, Joe Miller."]
		]);
	});

	it('cancels, and asks for another name when there is no such appointment', () => {
		walk(open('receptionist'), 'typed', [
			['I have an appointment on Friday and I need to cancel it.', 'What name is it under?'],
			["It's under Jones", 'Thank you, Jones.', { manage_appointment: { action: 'cancel', name: 'Jones' } }],
			[book({ error: 'not_found' }), "I can't find an appointment for Jones."],
			['Try Anna Jone', 'Anna Jone, did I get that right?'],
			['Anna Jones', 'Anna Jones, did I get that right?'],
			["Yes, that's right", 'Thank you, Anna Jones.', { manage_appointment: { action: 'cancel', name: 'Anna Jones' } }],
			[book({ status: 'cancelled' }), "That's cancelled for you, Anna Jones"]
		]);
	});

	it('works without the tool, and answers what people ask in between', () => {
		walk(
			open('receptionist', []),
			'typed',
			[
				['My tooth really hurts', 'Could you come in today, or tomorrow?'],
				['today', 'today, good. And at what time?'],
				['in the morning', 'In the morning I have half past nine, or eleven'],
				["eleven o'clock", "Lovely, today at eleven o'clock. And what name is it?"],
				['What does it cost?', 'A check-up is forty five pounds'],
				['ok', 'May I have your name, please?'],
				['Bob', 'Bob, did I get that right?'],
				['no', 'Could you tell me your name once more?'],
				['Rob Stone', 'Rob Stone, did I get that right?'],
				['yeah', "You're all set, Rob Stone. That's today at eleven o'clock"],
				['thanks', "You're very welcome."],
				['When are you open?', "We're open Monday to Friday"],
				['Can I come on Saturday?', "We're closed at weekends"],
				['Never mind', 'Not a problem at all.'],
				['Are you a robot?', "I'm the automatic receptionist."],
				['What is the meaning of life?', 'Would you like to book, move or cancel|Which would you like']
			].map(([input, messages]) => [input, new RegExp(messages ?? '')] as Turn)
		);
	});
});

const order = (tool: string, output: unknown): Turn[0] => ({ tool, output });

describe('support-agent', () => {
	it.each(['typed', 'spoken'] as const)('finds an order, refunds it and hands over: %s', (how) => {
		walk(open('support-agent'), how, [
			['Where is my order?', "What's your order number?"],
			['It is 48213.', 'Thank you. Let me look that up.', { lookup_order: { order_number: '48213' } }],
			[
				order('lookup_order', { status: 'shipped', eta: 'on Thursday' }),
				'Order 48213 is on its way, and should be with you on Thursday.'
			],
			['Yes.', 'Sure, what is it?'],
			['I want a refund.', 'And what was wrong with order 48213?'],
			[
				'It was the wrong size.',
				"I'm sending the refund for order 48213 now.",
				{ refund_order: { order_number: '48213', reason: 'It was the wrong size.' } }
			],
			[
				order('refund_order', { status: 'refunded', amount: '49 dollars' }),
				'49 dollars is on its way back to your card.'
			],
			['No, thanks.', 'Thank you for calling Northwind Outdoors!'],
			['This is ridiculous!', "I'm really sorry."],
			['Yes!', "I'm connecting you.", { transfer_to_person: { reason: 'needs a decision', summary: 'Order 48213. ' } }],
			[order('transfer_to_person', 'queued'), 'a colleague will pick up in a moment']
		]);
	});

	it('goes on when things are not as they should be', () => {
		const lookup = { lookup_order: { order_number: '12345' } };
		walk(open('support-agent'), 'typed', [
			['order 12345', 'Would you like to know where it is, or do you want a refund?'],
			['where is it', 'Let me look that up.', lookup],
			[order('lookup_order', { error: 'not_found' }), "I can't find an order 12345."],
			['12346', /look/, { lookup_order: { order_number: '12346' } }],
			[order('lookup_order', { status: 'delivered' }), 'order 12346 was delivered. Did it reach you?'],
			['No, it never came', 'I can refund it for you right now.'],
			['yes please', "I'll do that now.", { refund_order: { order_number: '12346', reason: 'never arrived' } }],
			[order('refund_order', { status: 'denied' }), 'Shall I put you through to a colleague who can?'],
			['no', 'Then what else can I do for you?']
		]);
	});

	it('works without tools', () => {
		walk(open('support-agent', []), 'typed', [
			['I want my money back', "What's your order number?"],
			['12', 'I need the order number'],
			['123456', 'what was wrong with order 123456?'],
			['broken zip', 'The money for order 123456 goes back'],
			['Can I talk to a human?', "I'll put you through"],
			['banana', 'I can find an order, refund one, or put you through'],
			['Where is order 5555?', 'Order 5555 left our warehouse']
		]);
	});
});

describe('solar-system', () => {
	const shown = (tool: string): Turn[0] => ({ tool, output: { response: `Tool call ${tool} executed successfully.` } });

	it.each(['typed', 'spoken'] as const)('turns to planets and shows charts: %s', (how) => {
		const conversation = open('solar-system', ['focus_planet', 'display_data']);
		walk(conversation, how, [
			['Take me to Mars.', 'This is Mars. It is red because it is rusty', { focus_planet: { planet: 'Mars' } }],
			[shown('focus_planet'), 'There it is, right in front of you.'],
			['Saturn, please.', 'This is Saturn with its rings.', { focus_planet: { planet: 'Saturn' } }],
			['And tell me more.', 'four and a half billion years old'],
			['Saturn again.', 'it would float', { focus_planet: { planet: 'Saturn' } }],
			['Show me the orbits.', 'almost in one plane'],
			['Thank you.', 'Here is the whole solar system again']
		]);
		const charts: [string, string, RegExp][] = [
			['How big are they?', 'bar', /Jupiter is eleven times as wide/],
			['How far is Neptune?', 'bar', /thirty steps away/],
			['How many moons has Saturn?', 'bar', /Saturn and Jupiter have most/],
			['What is the Sun made of?', 'pie', /three quarters hydrogen/]
		];
		for (const [question, chart, says] of charts) {
			const { calls, messages } = conversation.type(question).answer();
			expect(messages).toEqual([]);
			expect(calls.map(({ name }) => name)).toEqual(['display_data']);
			expect(JSON.parse(calls[0]?.arguments ?? '')).toMatchObject({ chart, data: expect.any(Array) as unknown });
			walk(conversation, how, [[shown('display_data'), says]]);
		}
	});

	it('turns to the planet before it speaks of it: there are clients that look at the first output only', () => {
		expect(open('solar-system').type('Jupiter').answer().log[0]).toBe('call focus_planet {"planet":"Jupiter"}');
	});

	it('uses what else is offered', () => {
		const conversation = open('solar-system');
		const names = (text: string): string[] =>
			conversation
				.type(text)
				.answer()
				.calls.map(({ name }) => name);
		expect(names('Which moons are there?')).toEqual(['display_data', 'show_moons']);
		expect(names('Show me the orbit')).toEqual(['show_orbit']);
		expect(names("Thank you, I'm ok")).toEqual(['reset_camera']);
		conversation.ask('Venus');
		walk(conversation, 'typed', [
			[{ tool: 'focus_planet', output: { error: 'no such planet' } }, "I can't show you that"]
		]);
	});

	it('speaks of everything without tools', () => {
		walk(open('solar-system', []), 'typed', [
			['Saturn', 'This is Saturn'],
			['How far is Neptune?', 'Neptune is farthest'],
			['Which is the biggest?', 'Jupiter is the largest by far'],
			['What is the Sun made of?', 'three quarters hydrogen'],
			['How many moons are there?', 'most of the moons'],
			['Who are you?', 'I only know my way around the solar system']
		]);
	});
});

describe('language-tutor', () => {
	it.each(['typed', 'spoken'] as const)('chats and corrects: %s', (how) => {
		walk(open('language-tutor'), how, [
			['Hello!', "What's your name?"],
			['My name is Paula.', 'Nice to meet you, Paula!'],
			['I am a beginner.', 'What did you do yesterday?'],
			['Yesterday I go to the cinema.', 'I went. Can you say the whole sentence again?'],
			['Yesterday I went to the cinema.', 'Who were you with'],
			['She like pizza.', 'With he or she, the verb like needs an s'],
			['He does not like pizza.', /./],
			['I am agree.', 'so we say: I agree.'],
			['I have 25 years.', 'Say: I am 25 years old.'],
			['I work here since two years.', 'So: for two years.'],
			['It is more better.', 'simply better'],
			['What does serendipity mean?', "I'll put serendipity on your list", { save_word: { word: 'serendipity' } }],
			[{ tool: 'save_word', output: 'ok' }, "It's on your list."],
			['Please save the word lovely.', 'A good word to know.', { save_word: { word: 'lovely' } }],
			[{ tool: 'save_word', output: { error: 'full' } }, 'I could not write that down'],
			['Slower, please.', 'Short. Sentences.'],
			['Yes.', "That's a short answer!"]
		]);
	});

	it('plays the quiz to its end, or until one has enough', () => {
		const conversation = open('language-tutor', []);
		walk(conversation, 'typed', [
			['quiz please', 'Yesterday I, blank, to the cinema'],
			['gone', 'Try once more: go, went, or gone?'],
			['went', 'Right!'],
			['in', 'Hm, not that one.'],
			['at', 'Yes, good at languages.'],
			['since', 'a length of time'],
			['for', 'You got them all!'],
			['yes', 'Great!'],
			['quiz', 'blank'],
			['stop', "that's enough quiz"],
			['What does lovely mean?', 'can you guess what lovely means?']
		]);
	});
});

describe('interpreter', () => {
	it('knows the words of the first spoken turns, and says each in English', () => {
		const conversation = open('interpreter');
		const { scenario, clock } = conversation;
		const hearing = createScenarioHearing({ scenario: () => scenario, schedule: clock.schedule });
		const said = scenario.caller.map((_, index) =>
			conversation
				.speak(hearing.expectedWords(index + 1))
				.answer()
				.messages.join()
		);
		expect(said).toEqual([
			'Good afternoon.',
			'I have a reservation in the name of García.',
			'A room for two nights, please.',
			'What time is breakfast?',
			'Where is the train station?',
			'Thank you very much. Goodbye.'
		]);
		expect(conversation.speak(hearing.expectedWords(7)).answer().messages.join()).toMatch(
			/I have no words for this turn/
		);
	});

	it('has a translation for each of them', () => {
		const { translations, caller } = open('interpreter').scenario;
		expect(translations.map(({ hear }) => hear)).toEqual(caller);
	});

	it('understands phrases that are typed', () => {
		walk(open('interpreter'), 'typed', [
			['Buenos días', 'Good morning.'],
			['Me llamo Ana López', 'My name is Ana López.'],
			['Quiero otra habitación, hay mucho ruido', 'very loud'],
			['¿Cuánto cuesta?', 'How much is it?'],
			['Necesito un médico', 'I need a doctor'],
			['Sí', 'Yes, please.'],
			['Hello, how are you?', 'Please say it in Spanish'],
			['xyz', 'did not know that phrase']
		]);
	});
});

describe('default', () => {
	it('calls a tool that is mentioned, and reads its output', () => {
		walk(open('default'), 'typed', [
			['What is the weather in Bern?', /^$/, { get_weather: {} }],
			[
				{ tool: 'get_weather', output: { sky: 'clear', celsius: 21 } },
				'The tool get_weather gave me this: sky clear, celsius 21.'
			],
			['Where is my parcel?', 'You typed: Where is my parcel?']
		]);
	});

	it('says back what it noticed, and never makes up words', () => {
		const conversation = open('default', []);
		const seen = (answer: Answer): string => answer.messages.join();
		expect(seen(conversation.answer())).toMatch(/^Hello, this is the local simulator/);
		expect(seen(conversation.speak().answer())).toMatch(/^I heard you for 1\.0 seconds, 20 decibels below full scale/);
		expect(seen(conversation.speak('Good evening.').answer())).toMatch(
			/^You said: Good evening\. That took you 1\.0 seconds/
		);
		expect(seen(conversation.speak().type('Hi').answer())).toMatch(/^You typed: Hi And you spoke for 1\.0 seconds/);
		expect(seen(conversation.speak('Hello').type('Hi').answer())).toBe(
			'You typed: Hi And you said: Hello You spoke for 1.0 seconds.'
		);
		expect(seen(conversation.showPicture().answer())).toMatch(/^I have your picture/);
		expect(seen(conversation.showPicture().type('See?').answer())).toMatch(/^You typed: See\? A picture came with it/);
		expect(seen(conversation.type('Hello').answer())).toMatch(/^Hello! I am the local simulator/);
	});
});
