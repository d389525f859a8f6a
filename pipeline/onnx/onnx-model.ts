import { ProtoMessage } from './protobuf.ts';

/** An integer, a list of integers, a 32-bit float, or a word. */
export type OnnxAttribute = number | readonly number[] | { readonly float: number } | string;

/** One operation of an ONNX graph. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Outputs after the first. */
  readonly moreOutputs?: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant: 32-bit floats, or 64-bit integers for shapes. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

/** A named input or output of 32-bit floats. */
export interface OnnxPort {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** 13 without it. */
  readonly operatorSet?: number;
}

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_STRING = 3;
const ATTRIBUTE_INTS = 7;

/** An ONNX file (IR version 8) in memory; field numbers are those of onnx.proto. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const message = new ProtoMessage();
  for (const node of graph.nodes) message.bytes(1, nodeMessage(node));
  message.bytes(2, 'network');
  for (const constant of graph.constants) message.bytes(5, constantMessage(constant));
  for (const port of graph.inputs) message.bytes(11, portMessage(port));
  for (const port of graph.outputs) message.bytes(12, portMessage(port));
  return new ProtoMessage()
    .integer(1, 8)
    .bytes(7, message)
    .bytes(8, new ProtoMessage().bytes(1, '').integer(2, graph.operatorSet ?? 13))
    .finish();
}

function nodeMessage(node: OnnxNode): ProtoMessage {
  const message = new ProtoMessage();
  for (const input of node.inputs) message.bytes(1, input);
  for (const output of [node.output, ...(node.moreOutputs ?? [])]) message.bytes(2, output);
  message.bytes(3, node.output).bytes(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) message.bytes(5, attributeMessage(name, value));
  return message;
}

function attributeMessage(name: string, value: OnnxAttribute): ProtoMessage {
  const attribute = new ProtoMessage().bytes(1, name);
  if (typeof value === 'number') return attribute.integer(3, value).integer(20, ATTRIBUTE_INT);
  if (typeof value === 'string') return attribute.bytes(4, value).integer(20, ATTRIBUTE_STRING);
  if ('float' in value) return attribute.float(2, value.float).integer(20, ATTRIBUTE_FLOAT);
  for (const item of value) attribute.integer(8, item);
  return attribute.integer(20, ATTRIBUTE_INTS);
}

function constantMessage({ name, shape, values }: OnnxConstant): ProtoMessage {
  const message = new ProtoMessage();
  for (const size of shape) message.integer(1, size);
  return message
    .integer(2, values instanceof Float32Array ? FLOAT : INT64)
    .bytes(8, name)
    .bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

function portMessage({ name, shape }: OnnxPort): ProtoMessage {
  const sizes = new ProtoMessage();
  for (const size of shape) sizes.bytes(1, new ProtoMessage().integer(1, size));
  const tensorType = new ProtoMessage().integer(1, FLOAT).bytes(2, sizes);
  return new ProtoMessage().bytes(1, name).bytes(2, new ProtoMessage().bytes(1, tensorType));
}
