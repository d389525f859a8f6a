import type { OnnxAttribute, OnnxConstant, OnnxGraph, OnnxNode, OnnxPort } from './onnx-model.ts';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

/** Collects the operations of an ONNX graph (operator set 16), giving each result a name. */
export class GraphWriter {
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxConstant[] = [];
  private readonly inputs: OnnxPort[] = [];
  private readonly outputs: OnnxPort[] = [];
  private readonly known = new Map<string, string>();
  private results = 0;

  input(name: string, shape: readonly number[]): string {
    this.inputs.push({ name, shape });
    return name;
  }

  /** Makes a result an output of the graph under a name of its own. */
  output(name: string, result: string, shape: readonly number[]): void {
    this.nodes.push({ op: 'Identity', inputs: [result], output: name });
    this.outputs.push({ name, shape });
  }

  tensor(name: string, shape: readonly number[], values: Float32Array): string {
    this.constants.push({ name, shape, values });
    return name;
  }

  /** A number. */
  scalar(value: number): string {
    return this.once(`scalar ${value}`, (name) => ({ name, shape: [], values: Float32Array.of(value) }));
  }

  /** A list of whole numbers, for shapes, axes and places. */
  integers(...values: readonly number[]): string {
    return this.once(`integers ${values.join()}`, (name) => ({
      name,
      shape: [values.length],
      values: BigInt64Array.from(values, BigInt),
    }));
  }

  apply(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.fresh();
    this.nodes.push({ op, inputs, output, attributes });
    return output;
  }

  /** An operation with a second result. */
  applyForTwo(op: string, inputs: readonly string[], attributes: Attributes): readonly [string, string] {
    const [output, second] = [this.fresh(), this.fresh()];
    this.nodes.push({ op, inputs, output, moreOutputs: [second], attributes });
    return [output, second];
  }

  reshape(value: string, ...shape: readonly number[]): string {
    return this.apply('Reshape', [value, this.integers(...shape)]);
  }

  sumOver(value: string, ...axes: readonly number[]): string {
    return this.apply('ReduceSum', [value, this.integers(...axes)], { keepdims: 0 });
  }

  /** Numbers `first` to before `end` of some axes, every `step`-th; from the last backwards where a step is negative. */
  slice(
    value: string,
    axes: readonly number[],
    first: readonly number[],
    end: readonly number[],
    step: readonly number[],
  ): string {
    return this.apply('Slice', [
      value,
      this.integers(...first),
      this.integers(...end),
      this.integers(...axes),
      this.integers(...step),
    ]);
  }

  graph(): OnnxGraph {
    const { nodes, constants, inputs, outputs } = this;
    return { nodes, constants, inputs, outputs, operatorSet: 16 };
  }

  private fresh(): string {
    this.results += 1;
    return `r${this.results}`;
  }

  private once(key: string, make: (name: string) => OnnxConstant): string {
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const name = this.fresh();
    this.constants.push(make(name));
    this.known.set(key, name);
    return name;
  }
}
