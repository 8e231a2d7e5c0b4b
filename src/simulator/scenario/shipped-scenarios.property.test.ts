/** The shipped scenarios with whatever people say and tools give, in any order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openShipped, shippedTools } from '#simulator/scenario/testing/shipped-conversation.ts';

describe.each(Object.keys(shippedTools))('%s, with anything in any order', (name) => {
	const words = fc.constantFrom(
		...(
			'yes,no,bye,thanks,hello,stop,I want to cancel,move it to Monday,at 3 pm,my name is Ann Lee,Ann Lee,book,refund,' +
			'order 12345,where is it,a person please,Mars,how big is it,the moons,made of what,quiz,went,at,for,slower,' +
			'save the word lovely,she like it,hola,una noche,me llamo Ana,what is the weather,morning,never mind,xyz'
		).split(',')
	);
	const outputs = fc.constantFrom<unknown>(
		'ok',
		{ status: 'taken' },
		{ error: 'not_found' },
		{ status: 'delivered' },
		[],
		'',
		5
	);
	const events = fc.array(fc.oneof(words, fc.record({ output: outputs }), fc.constant({ silence: true })), {
		maxLength: 12
	});

	it.each([[shippedTools[name] ?? []], [[]]])(
		'always says or calls something, and leaves no variable open: %j',
		(tools) => {
			fc.assert(
				fc.property(events, (list) => {
					const conversation = openShipped(name, tools);
					let answer = conversation.answer();
					for (const event of list) {
						if (typeof event === 'string') conversation.type(event);
						else if ('silence' in event) conversation.speak();
						else if (answer.calls[0]) conversation.giveOutput(answer.calls[0].name, event.output);
						answer = conversation.answer();
						expect(answer.messages.length + answer.calls.length).toBeGreaterThan(0);
						expect([...answer.messages, ...answer.calls.map((call) => call.arguments)].join()).not.toMatch(
							/\{[a-z.]+\}/i
						);
					}
				}),
				{ numRuns: 60 }
			);
		}
	);
});
