/**
 * As much of the ONNX file format as it takes to read the numbers of a model and to write a model of our own: a file is
 * one protobuf message. Source: onnx.proto3 of ONNX 1.10 (IR version 8), whose field numbers are used here.
 */
import { concatBytes } from '#core/base/concat-bytes.ts';

/** Numbers of a model; `data` in row order. */
export interface Constant {
	dims: readonly number[];
	data: Float32Array | BigInt64Array;
}

export interface Node {
	op: string;
	inputs: readonly string[];
	outputs: readonly string[];
	/** Whole numbers only: nothing here needs others. */
	attributes?: Readonly<Record<string, number>>;
}

/** Names to shapes; a text in a shape is a length that is known at run time only. 32-bit floats. */
export type Ports = Readonly<Record<string, readonly (number | string)[]>>;

export interface Graph {
	inputs: Ports;
	outputs: Ports;
	constants: ReadonlyMap<string, Constant>;
	/** In an order in which they can be computed. */
	nodes: readonly Node[];
}

const IR_VERSION = 8;
const OPERATOR_SET = 16;
const FLOAT = 1;
const INT64 = 7;
const INT_ATTRIBUTE = 2;

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;

type Field = { number: number; bytes: Uint8Array } | { number: number; value: number };

const endsEarly = (): Error => new Error('The model file ends in the middle of a field: it is damaged.');

/** The fields of a message in order. Whole numbers above 2^53 lose their last digits: nothing here needs them. */
function readFields(message: Uint8Array): Field[] {
	const fields: Field[] = [];
	let at = 0;
	const readVarint = (): number => {
		let value = 0;
		let scale = 1;
		let byte = 0x80;
		while (byte >= 0x80) {
			if (at >= message.length) throw endsEarly();
			byte = message[at++] as number;
			value += (byte & 0x7f) * scale;
			scale *= 128;
		}
		return value;
	};
	while (at < message.length) {
		const key = readVarint();
		const number = Math.floor(key / 8);
		const kind = key & 7;
		if (kind === VARINT) {
			fields.push({ number, value: readVarint() });
			continue;
		}
		if (kind !== FIXED_64 && kind !== BYTES && kind !== FIXED_32) {
			throw new Error(`The model file has a field of unknown kind ${kind} at byte ${at}.`);
		}
		const length = kind === BYTES ? readVarint() : kind === FIXED_64 ? 8 : 4;
		if (at + length > message.length) throw endsEarly();
		fields.push({ number, bytes: message.subarray(at, at + length) });
		at += length;
	}
	return fields;
}

function bytesOf(message: Uint8Array, number: number): Uint8Array[] {
	return readFields(message).flatMap((field) => (field.number === number && 'bytes' in field ? [field.bytes] : []));
}

function textOf(message: Uint8Array, number: number): string {
	return new TextDecoder().decode(bytesOf(message, number)[0]);
}

/** A TensorProto of 32-bit floats, or undefined when it holds something else. */
function readFloats(tensor: Uint8Array): Float32Array | undefined {
	const isFloat = readFields(tensor).some((field) => field.number === 2 && 'value' in field && field.value === FLOAT);
	const raw = bytesOf(tensor, 9)[0];
	return isFloat && raw ? new Float32Array(new Uint8Array(raw).buffer) : undefined;
}

function readGraphFloats(graph: Uint8Array, found: Map<string, Float32Array>): void {
	for (const node of bytesOf(graph, 1)) {
		const isConstant = textOf(node, 4) === 'Constant';
		for (const attribute of bytesOf(node, 5)) {
			const floats = isConstant ? bytesOf(attribute, 5).map(readFloats)[0] : undefined;
			if (floats) found.set(textOf(node, 2), floats);
			for (const inner of bytesOf(attribute, 6)) readGraphFloats(inner, found);
		}
	}
}

/** The 32-bit floats of a model's Constant nodes by name, those of inner graphs (branches) included. */
export function readFloatConstants(model: Uint8Array): Map<string, Float32Array> {
	const found = new Map<string, Float32Array>();
	for (const graph of bytesOf(model, 7)) readGraphFloats(graph, found);
	return found;
}

function varint(value: number): Uint8Array {
	const bytes: number[] = [];
	for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
		bytes.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
	}
	return Uint8Array.from(bytes);
}

const intField = (number: number, value: number): Uint8Array =>
	concatBytes([varint(number * 8 + VARINT), varint(value)]);

function field(number: number, content: string | readonly Uint8Array[]): Uint8Array {
	const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : concatBytes(content);
	return concatBytes([varint(number * 8 + BYTES), varint(bytes.length), bytes]);
}

function tensorProto(name: string, { dims, data }: Constant): Uint8Array[] {
	const type = data instanceof Float32Array ? FLOAT : INT64;
	const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	return [...dims.map((dim) => intField(1, dim)), intField(2, type), field(8, name), field(9, [raw])];
}

function nodeProto({ op, inputs, outputs, attributes = {} }: Node): Uint8Array[] {
	return [
		...inputs.map((name) => field(1, name)),
		...outputs.map((name) => field(2, name)),
		field(4, op),
		...Object.entries(attributes).map(([name, value]) =>
			field(5, [field(1, name), intField(3, value), intField(20, INT_ATTRIBUTE)])
		)
	];
}

function portProtos(number: number, ports: Ports): Uint8Array[] {
	return Object.entries(ports).map(([name, shape]) => {
		const dims = shape.map((dim) => field(1, [typeof dim === 'number' ? intField(1, dim) : field(2, dim)]));
		return field(number, [field(1, name), field(2, [field(1, [intField(1, FLOAT), field(2, dims)])])]);
	});
}

/** A model file with one graph. */
export function writeModel({ inputs, outputs, constants, nodes }: Graph): Uint8Array {
	const graph = [
		...nodes.map((node) => field(1, nodeProto(node))),
		field(2, 'graph'),
		...[...constants].map(([name, constant]) => field(5, tensorProto(name, constant))),
		...portProtos(11, inputs),
		...portProtos(12, outputs)
	];
	return concatBytes([intField(1, IR_VERSION), field(8, [field(1, ''), intField(2, OPERATOR_SET)]), field(7, graph)]);
}
