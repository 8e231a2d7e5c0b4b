import { describe, expect, it } from 'vitest';
import { buildMessages } from '#simulator/cascade/chat-messages.ts';
import { ToolNames } from '#simulator/cascade/chat-tools.ts';
import { userText } from '#simulator/cascade/testing/listeners.ts';
import type { ContentPart, ConversationItem, InputAudioPart, MessageItem } from '#simulator/session/conversation.ts';

function message(role: MessageItem['role'], ...content: ContentPart[]): ConversationItem {
	return { kind: 'message', id: 'item_m', status: 'completed', role, content };
}

function spoken(more: Partial<InputAudioPart> = {}): ContentPart {
	return { type: 'input_audio', transcript: null, audio: [new Int16Array(67_200)], rateHz: 24_000, ...more };
}

function answered(transcript: string, isTruncated = false): ConversationItem {
	return message('assistant', { type: 'output_audio', transcript, audio: [], isTruncated });
}

function call(callId: string, name: string, args = '{"a":1}'): ConversationItem {
	return { kind: 'function_call', id: `item_${callId}`, status: 'completed', name, callId, arguments: args };
}

function output(callId: string, text: string): ConversationItem {
	return { kind: 'function_call_output', id: `item_o_${callId}`, callId, output: text };
}

const build = (...items: ConversationItem[]): unknown[] => buildMessages('', items, new ToolNames([]));

const toolCall = (id: string, name: string, args = '{"a":1}'): unknown => ({
	id,
	type: 'function',
	function: { name, arguments: args }
});

describe('messages', () => {
	it('begin with the instructions and keep their roles and order', () => {
		const items = [
			message('system', { type: 'input_text', text: 'Say yes.' }),
			userText('Hello'),
			message('assistant', { type: 'output_text', text: 'Yes.' }),
			userText('Again')
		];
		expect(buildMessages('Be brief.', items, new ToolNames([]))).toEqual([
			{ role: 'system', content: 'Be brief.' },
			{ role: 'system', content: 'Say yes.' },
			{ role: 'user', content: 'Hello' },
			{ role: 'assistant', content: 'Yes.' },
			{ role: 'user', content: 'Again' }
		]);
	});

	it('say the words of the caller where anybody knows them, and else what is known', () => {
		expect(build(message('user', spoken({ heardWords: ' Hello there. ' })))).toEqual([
			{ role: 'user', content: 'Hello there.' }
		]);
		expect(build(message('user', spoken({ transcript: 'Hello.' })))).toEqual([{ role: 'user', content: 'Hello.' }]);
		expect(build(message('user', spoken()))).toEqual([
			{ role: 'user', content: '(The caller spoke for 2.8 seconds. Nobody could tell the words.)' }
		]);
		expect(build(message('user', spoken({ rateHz: 8000 })))).toEqual([
			{ role: 'user', content: '(The caller spoke for 8.4 seconds. Nobody could tell the words.)' }
		]);
		expect(build(message('user', spoken({ heardWords: '' })))).toEqual([
			{ role: 'user', content: '(The caller said no words in 2.8 seconds.)' }
		]);
	});

	it('join several parts, and several turns without an answer between', () => {
		const first = message('user', { type: 'input_text', text: 'One.' }, spoken({ heardWords: 'Two.' }));
		expect(build(first, userText('Three.'))).toEqual([{ role: 'user', content: 'One.\nTwo.\nThree.' }]);
	});

	it('keep parts apart where one is an image', () => {
		const image: ContentPart = { type: 'input_image', imageUrl: 'data:image/png;base64,AA', detail: 'low', tokens: 1 };
		expect(build(message('user', { type: 'input_text', text: 'What is this?' }, image))).toEqual([
			{
				role: 'user',
				content: [
					{ type: 'text', text: 'What is this?' },
					{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } }
				]
			}
		]);
	});

	it('say that the model was interrupted', () => {
		expect(build(userText('Hi'), answered('', true), userText('Stop'))).toEqual([
			{ role: 'user', content: 'Hi' },
			{ role: 'assistant', content: '(interrupted)' },
			{ role: 'user', content: 'Stop' }
		]);
	});

	it('leave out a message that says nothing', () => {
		expect(build(userText('Hi'), answered(''))).toEqual([{ role: 'user', content: 'Hi' }]);
	});

	it('end with the caller, also where the caller has said nothing', () => {
		expect(build()).toEqual([{ role: 'user', content: '(The caller has not said anything yet.)' }]);
		expect(build(userText('Hi'), answered('Hello.')).at(-1)).toEqual({
			role: 'user',
			content: '(The caller has said nothing since.)'
		});
		const order = message('system', { type: 'input_text', text: 'Say goodbye.' });
		expect(build(userText('Hi'), order).at(-1)).toEqual({ role: 'system', content: 'Say goodbye.' });
	});
});

describe('calls', () => {
	it('of one answer stand together with the words before them, each with its output', () => {
		const items = [userText('Hi'), answered('One moment.'), call('c1', 'book'), call('c2', 'look')];
		expect(build(...items, output('c2', 'seen'), output('c1', 'booked'))).toEqual([
			{ role: 'user', content: 'Hi' },
			{
				role: 'assistant',
				content: 'One moment.',
				tool_calls: [toolCall('c1', 'book'), toolCall('c2', 'look')]
			},
			{ role: 'tool', tool_call_id: 'c1', content: 'booked' },
			{ role: 'tool', tool_call_id: 'c2', content: 'seen' }
		]);
	});

	it('of one answer after another stand apart', () => {
		const items = [
			userText('Hi'),
			call('c1', 'book'),
			output('c1', 'booked'),
			call('c2', 'look'),
			output('c2', 'seen')
		];
		expect(build(...items)).toEqual([
			{ role: 'user', content: 'Hi' },
			{ role: 'assistant', content: null, tool_calls: [toolCall('c1', 'book')] },
			{ role: 'tool', tool_call_id: 'c1', content: 'booked' },
			{ role: 'assistant', content: null, tool_calls: [toolCall('c2', 'look')] },
			{ role: 'tool', tool_call_id: 'c2', content: 'seen' }
		]);
	});

	it('have their output behind them, wherever it is, and say so when there is none', () => {
		expect(build(userText('Hi'), call('c1', 'book'), userText('Are you there?'), output('c1', 'booked'))).toEqual([
			{ role: 'user', content: 'Hi' },
			{ role: 'assistant', content: null, tool_calls: [toolCall('c1', 'book')] },
			{ role: 'tool', tool_call_id: 'c1', content: 'booked' },
			{ role: 'user', content: 'Are you there?' }
		]);
		expect(build(call('c1', 'book'))).toEqual([
			{ role: 'assistant', content: null, tool_calls: [toolCall('c1', 'book')] },
			{ role: 'tool', tool_call_id: 'c1', content: '(There is no output yet.)' }
		]);
	});

	it('that were cut short have arguments that every server can read', () => {
		expect(build(call('c1', 'book', '{"a":'))[0]).toMatchObject({ tool_calls: [toolCall('c1', 'book', '{}')] });
	});

	it('that were left out leave their output to be told', () => {
		expect(build(output('c9', '42'))).toEqual([{ role: 'user', content: '(A tool that was called before gave: 42)' }]);
	});

	it('to MCP servers are calls with an output, or with what went wrong', () => {
		const mcp = { serverLabel: 'shop', name: 'stock', arguments: '{}', approvalRequestId: null };
		const items: ConversationItem[] = [
			{ kind: 'mcp_list_tools', id: 'l', serverLabel: 'shop', tools: [] },
			{ kind: 'mcp_call', id: 'm1', ...mcp, output: '3 left', error: null },
			{
				kind: 'mcp_call',
				id: 'm2',
				...mcp,
				output: null,
				error: { type: 'tool_execution_error', message: 'No such shop' }
			}
		];
		expect(build(...items)).toEqual([
			{ role: 'assistant', content: null, tool_calls: [toolCall('m1', 'stock', '{}')] },
			{ role: 'tool', tool_call_id: 'm1', content: '3 left' },
			{ role: 'assistant', content: null, tool_calls: [toolCall('m2', 'stock', '{}')] },
			{ role: 'tool', tool_call_id: 'm2', content: 'No such shop' }
		]);
	});

	it('that need approval say how it went, unless the call itself is there', () => {
		const asked: ConversationItem = {
			kind: 'mcp_approval_request',
			id: 'r1',
			serverLabel: 'shop',
			name: 'buy',
			arguments: '{}'
		};
		const answer = (approve: boolean, reason: string | null): ConversationItem => ({
			kind: 'mcp_approval_response',
			id: 'a1',
			approvalRequestId: 'r1',
			approve,
			reason
		});
		const outcome = (...items: ConversationItem[]): unknown => build(asked, ...items).slice(1);
		expect(outcome()).toEqual([{ role: 'tool', tool_call_id: 'r1', content: '(The call waits for approval.)' }]);
		expect(outcome(answer(false, 'too dear'))).toEqual([
			{ role: 'tool', tool_call_id: 'r1', content: '(The call was not approved: too dear)' }
		]);
		expect(outcome(answer(true, null))).toEqual([
			{ role: 'tool', tool_call_id: 'r1', content: '(There is no output yet.)' }
		]);
		const called: ConversationItem = {
			kind: 'mcp_call',
			id: 'm1',
			serverLabel: 'shop',
			name: 'buy',
			arguments: '{}',
			output: 'bought',
			error: null,
			approvalRequestId: 'r1'
		};
		expect(outcome(answer(true, null), called)).toEqual([{ role: 'tool', tool_call_id: 'm1', content: 'bought' }]);
	});
});
