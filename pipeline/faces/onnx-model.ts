import { ProtoMessage } from './protobuf.ts';

/** One operation of an ONNX graph; every attribute that the face networks need is an integer or a list of them. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
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
}

const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** An ONNX file (IR version 8, operator set 13) in memory; field numbers are those of onnx.proto. */
export function writeOnnx(graph: OnnxGraph): Uint8Array {
  const message = new ProtoMessage();
  for (const node of graph.nodes) message.bytes(1, nodeMessage(node));
  message.bytes(2, 'faces');
  for (const constant of graph.constants) message.bytes(5, constantMessage(constant));
  for (const port of graph.inputs) message.bytes(11, portMessage(port));
  for (const port of graph.outputs) message.bytes(12, portMessage(port));
  return new ProtoMessage()
    .integer(1, 8)
    .bytes(7, message)
    .bytes(8, new ProtoMessage().bytes(1, '').integer(2, 13))
    .finish();
}

function nodeMessage(node: OnnxNode): ProtoMessage {
  const message = new ProtoMessage();
  for (const input of node.inputs) message.bytes(1, input);
  message.bytes(2, node.output).bytes(3, node.output).bytes(4, node.op);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    const attribute = new ProtoMessage().bytes(1, name);
    if (typeof value === 'number') attribute.integer(3, value).integer(20, ATTRIBUTE_INT);
    else for (const item of value) attribute.integer(8, item);
    if (typeof value !== 'number') attribute.integer(20, ATTRIBUTE_INTS);
    message.bytes(5, attribute);
  }
  return message;
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
