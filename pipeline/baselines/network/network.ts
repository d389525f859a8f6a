/** Sizes without the batch: channels first, then height and width; one number for a plain vector. */
export type Shape = readonly number[];

/** Where a layer's tensors are found by their state-dict names (`layer1.0.conv1.weight`). */
interface Named {
  readonly name: string;
}

/**
 * A layer and what it reads, by the places of earlier layers. What each does is torch's definition of it (torch.nn,
 * with the same names); sizes are [height, width].
 */
export type Layer =
  | ({ readonly kind: 'input' } & Named)
  | ({
      readonly kind: 'conv';
      readonly from: number;
      readonly kernel: readonly [number, number];
      readonly stride: readonly [number, number];
      readonly pad: readonly [number, number];
      readonly bias: boolean;
      /** A kernel of one dimension, as Conv1d's weights are kept: out x in x width. */
      readonly flat: boolean;
    } & Named)
  | ({ readonly kind: 'batchNorm'; readonly from: number } & Named)
  | { readonly kind: 'relu'; readonly from: number }
  | {
      readonly kind: 'maxPool';
      readonly from: number;
      readonly kernel: number;
      readonly stride: number;
      readonly pad: number;
    }
  /** Mean over height and width. */
  | { readonly kind: 'mean'; readonly from: number }
  | ({ readonly kind: 'linear'; readonly from: number } & Named)
  | { readonly kind: 'add'; readonly from: number; readonly and: number }
  /** Channels (or numbers) of several after each other. */
  | { readonly kind: 'concat'; readonly of: readonly number[] }
  | { readonly kind: 'reshape'; readonly from: number };

/** A network, described once for every backend. */
export interface Network {
  readonly layers: readonly Layer[];
  /** Of each layer's result. */
  readonly shapes: readonly Shape[];
  /** Trainable tensors by their state-dict names, with their whole shapes. */
  readonly parameters: ReadonlyMap<string, Shape>;
  /** Running means and variances of batch norms. */
  readonly statistics: ReadonlyMap<string, Shape>;
  /** Place of the layer whose result are the logits. */
  readonly output: number;
}

/** torch's default of BatchNorm2d. */
export const BATCH_NORM_EPSILON = 1e-5;
export const BATCH_NORM_MOMENTUM = 0.1;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
export const product = (numbers: readonly number[]): number => numbers.reduce((total, number) => total * number, 1);

/** Puts layers together; every method gives the place of its result. */
export class NetworkBuilder {
  private readonly layers: Layer[] = [];
  private readonly shapes: Shape[] = [];
  private readonly parameters = new Map<string, Shape>();
  private readonly statistics = new Map<string, Shape>();

  input(name: string, shape: Shape): number {
    return this.add({ kind: 'input', name }, shape);
  }

  conv(
    name: string,
    from: number,
    out: number,
    { kernel, stride = 1, pad = 0, bias = false }: { kernel: number; stride?: number; pad?: number; bias?: boolean },
  ): number {
    const [channels, height, width] = this.picture(from);
    this.parameter(`${name}.weight`, [out, channels, kernel, kernel]);
    if (bias) this.parameter(`${name}.bias`, [out]);
    const along = (size: number): number => Math.floor((size + 2 * pad - kernel) / stride) + 1;
    return this.add(
      {
        kind: 'conv',
        name,
        from,
        kernel: [kernel, kernel],
        stride: [stride, stride],
        pad: [pad, pad],
        bias,
        flat: false,
      },
      [out, along(height), along(width)],
    );
  }

  /** Conv1d with a bias over a result of channels x 1 x length. */
  conv1d(name: string, from: number, out: number, kernel: number, stride: number, pad: number): number {
    const [channels, height, width] = this.picture(from);
    if (height !== 1) throw new RangeError(`${name} reads one dimension`);
    this.parameter(`${name}.weight`, [out, channels, kernel]);
    this.parameter(`${name}.bias`, [out]);
    return this.add(
      {
        kind: 'conv',
        name,
        from,
        kernel: [1, kernel],
        stride: [1, stride],
        pad: [0, pad],
        bias: true,
        flat: true,
      },
      [out, 1, Math.floor((width + 2 * pad - kernel) / stride) + 1],
    );
  }

  batchNorm(name: string, from: number): number {
    const channels = this.picture(from)[0];
    for (const tensor of ['weight', 'bias']) this.parameter(`${name}.${tensor}`, [channels]);
    for (const tensor of ['running_mean', 'running_var']) this.statistics.set(`${name}.${tensor}`, [channels]);
    return this.add({ kind: 'batchNorm', name, from }, this.shape(from));
  }

  relu(from: number): number {
    return this.add({ kind: 'relu', from }, this.shape(from));
  }

  maxPool(from: number, kernel: number, stride: number, pad: number): number {
    const [channels, height, width] = this.picture(from);
    const along = (size: number): number => Math.floor((size + 2 * pad - kernel) / stride) + 1;
    return this.add({ kind: 'maxPool', from, kernel, stride, pad }, [channels, along(height), along(width)]);
  }

  mean(from: number): number {
    return this.add({ kind: 'mean', from }, [this.picture(from)[0]]);
  }

  linear(name: string, from: number, out: number): number {
    const shape = this.shape(from);
    if (shape.length !== 1) throw new RangeError(`${name} reads plain numbers`);
    this.parameter(`${name}.weight`, [out, shape[0] as number]);
    this.parameter(`${name}.bias`, [out]);
    return this.add({ kind: 'linear', name, from }, [out]);
  }

  plus(from: number, and: number): number {
    return this.add({ kind: 'add', from, and }, this.shape(from));
  }

  concat(...of: readonly number[]): number {
    const shapes = of.map((place) => this.shape(place));
    const [first] = shapes;
    if (first === undefined) throw new RangeError('Nothing to put together');
    return this.add({ kind: 'concat', of }, [sum(shapes.map((shape) => shape[0] as number)), ...first.slice(1)]);
  }

  reshape(from: number, shape: Shape): number {
    if (product(shape) !== product(this.shape(from))) throw new RangeError('A reshape keeps every number');
    return this.add({ kind: 'reshape', from }, shape);
  }

  /** Everything of a result in one line of numbers. */
  flatten(from: number): number {
    return this.reshape(from, [product(this.shape(from))]);
  }

  /** A line of numbers as one channel, for conv1d. */
  asLine(from: number): number {
    return this.reshape(from, [1, 1, product(this.shape(from))]);
  }

  /** The network whose logits are the result at this place. */
  build(output: number): Network {
    const { layers, shapes, parameters, statistics } = this;
    return { layers, shapes, parameters, statistics, output };
  }

  private shape(place: number): Shape {
    const shape = this.shapes[place];
    if (shape === undefined) throw new RangeError(`There is no layer ${place}`);
    return shape;
  }

  private picture(place: number): readonly [number, number, number] {
    const [channels, height, width, ...more] = this.shape(place);
    if (channels === undefined || height === undefined || width === undefined || more.length > 0)
      throw new RangeError(`Layer ${place} has no height and width`);
    return [channels, height, width];
  }

  private parameter(name: string, shape: Shape): void {
    if (this.parameters.has(name)) throw new RangeError(`Two layers are called ${name}`);
    this.parameters.set(name, shape);
  }

  private add(layer: Layer, shape: Shape): number {
    this.layers.push(layer);
    this.shapes.push(shape);
    return this.layers.length - 1;
  }
}
