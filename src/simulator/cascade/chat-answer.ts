/** One streamed chat answer, put together from its chunks. Chunks come from any server: nothing about them is certain. */
import { listAt, numberAt, objectAt, stringAt, valueAtPath } from '#core/base/json.ts';
import { fail, succeed } from '#core/base/result.ts';
import type { Result } from '#core/base/result.ts';
import type { ToolNames } from '#simulator/cascade/chat-tools.ts';
import type { PlannedCall } from '#simulator/session/ports.ts';

interface PartialCall {
	index: number;
	id: string | undefined;
	name: string;
	arguments: string;
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

export class ChatAnswer {
	readonly #calls: PartialCall[] = [];
	#finishReason: string | undefined;
	#hasContent = false;

	/** Why the model stopped, once it said so: nothing that matters comes afterwards. */
	get finishReason(): string | undefined {
		return this.#finishReason;
	}

	/** Whether it said or called anything. */
	get hasContent(): boolean {
		return this.#hasContent;
	}

	/** Takes the next chunk and returns the words in it, or ''. A refusal is said like any other answer. */
	take(chunk: unknown): string {
		const choice = listAt(chunk, 'choices')[0];
		const delta = objectAt(choice, 'delta');
		for (const fragment of listAt(delta, 'tool_calls')) this.#takeCall(fragment);
		this.#finishReason = stringAt(choice, 'finish_reason') ?? this.#finishReason;
		const text = (stringAt(delta, 'content') ?? '') + (stringAt(delta, 'refusal') ?? '');
		if (text !== '' || this.#calls.length > 0) this.#hasContent = true;
		return text;
	}

	/** The call that a fragment belongs to: by index, and where servers number all calls 0, or none, by what else it says. */
	#callOf(fragment: unknown, id: string | undefined, name: string): PartialCall {
		const index = numberAt(fragment, 'index') ?? this.#calls.at(-1)?.index ?? 0;
		const known = this.#calls.findLast((call) => call.index === index);
		const isOther =
			known !== undefined &&
			(id !== undefined && known.id !== undefined ? id !== known.id : name !== '' && isJson(known.arguments));
		if (known && !isOther) return known;
		const call = { index, id, name: '', arguments: '' };
		this.#calls.push(call);
		return call;
	}

	#takeCall(fragment: unknown): void {
		const id = stringAt(fragment, 'id') || undefined;
		const name = valueAtPath(fragment, ['function', 'name']);
		const args = valueAtPath(fragment, ['function', 'arguments']);
		const call = this.#callOf(fragment, id, typeof name === 'string' ? name : '');
		call.id ??= id;
		if (typeof name === 'string' && name !== '') call.name = name;
		if (typeof args === 'string') call.arguments += args;
		// Some servers give the arguments as the object itself.
		else if (args !== undefined && args !== null) call.arguments += JSON.stringify(args);
	}

	/** The calls in order of their index, under the names of the session; or what is wrong with one. */
	finishCalls(names: ToolNames, allowsSeveralCalls: boolean): Result<PlannedCall[]> {
		const calls = this.#calls.toSorted((a, b) => a.index - b.index);
		const planned: PlannedCall[] = [];
		// A server that does not know `parallel_tool_calls` may call more often than it should.
		for (const call of allowsSeveralCalls ? calls : calls.slice(0, 1)) {
			const tool = names.find(call.name);
			if (!tool) return fail(`called "${call.name}", which is none of the tools it was given`);
			const args = call.arguments.trim() === '' ? '{}' : call.arguments;
			if (!isJson(args)) {
				const why = this.#finishReason === 'length' ? ': it reached its limit of tokens' : '';
				return fail(`gave "${call.name}" arguments that are not complete JSON${why}`);
			}
			const { name, serverLabel } = tool;
			planned.push({ name, arguments: args, ...(serverLabel === undefined ? {} : { serverLabel }) });
		}
		return succeed(planned);
	}
}
