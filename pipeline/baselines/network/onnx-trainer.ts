import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphWriter } from '../../onnx/graph-writer.ts';
import { writeOnnx } from '../../onnx/onnx-model.ts';
import { Adam } from './adam.ts';
import {
  blendStatistics,
  requireNumbers,
  requireTensors,
  type Tensors,
  type Trainer,
  type TrainerOptions,
  truthOf,
} from './backend.ts';
import { writeBackward } from './backward.ts';
import { writeForward } from './forward.ts';
import { BATCH_NORM_MOMENTUM, type Network, product, type Shape } from './network.ts';

/**
 * Trains on the processor with onnxruntime: forward and backward pass are one graph made in memory for each size of a
 * batch, Adam is ours. The same tensors, inputs and number of threads give the same result.
 * @throws RangeError where a tensor is missing or has another size
 */
export const onnxTrainer = (network: Network, tensors: Tensors, options: TrainerOptions): Trainer => {
  const { rate, norms, isTrained = () => true, threads = 1 } = options;
  const [classes] = network.shapes[network.output] as readonly [number];
  const used = new Map([...network.parameters, ...(norms === 'running' ? network.statistics : [])]);
  requireTensors(used, tensors);
  const adam = new Adam(rate);
  const last = new Map<string, Float32Array>();
  // The last batch of an epoch is smaller than the others: two sizes, not more.
  const graphs = new Map<number, Promise<TrainingGraph>>();
  const graphOf = (batch: number): Promise<TrainingGraph> => {
    const known = graphs.get(batch);
    if (known !== undefined) return known;
    const made = trainingGraph(network, used, { batch, norms, isTrained, threads });
    graphs.set(batch, made);
    return made;
  };

  return {
    adam,
    gradients: last,
    async step(given, labels) {
      const batch = labels.length;
      const feeds: Record<string, Tensor> = {
        truth: new Tensor('float32', truthOf(labels, classes), [batch, classes]),
      };
      for (const [place, layer] of network.layers.entries()) {
        if (layer.kind !== 'input') continue;
        feeds[layer.name] = tensorOf(given[layer.name], [batch, ...(network.shapes[place] as Shape)], layer.name);
      }
      for (const [name, shape] of used) feeds[name] = tensorOf(tensors.get(name), shape, name);
      const { session, learned, normed } = await graphOf(batch);
      const results = await session.run(feeds);
      const numbers = (name: string): Float32Array => results[name]?.data as Float32Array;
      for (const name of learned) last.set(name, numbers(`gradient ${name}`));
      adam.step(learned.map((name) => [name, tensors.get(name) as Float32Array, last.get(name) as Float32Array]));
      for (const { name, values } of normed) {
        const of = { mean: numbers(`mean ${name}`), variance: numbers(`variance ${name}`), values };
        blendStatistics(tensors, name, of, BATCH_NORM_MOMENTUM);
      }
      return { loss: numbers('loss')[0] as number, logits: numbers('logits') };
    },
    async close() {
      for (const graph of graphs.values()) await (await graph).session.release();
    },
  };
};

interface TrainingGraph {
  readonly session: InferenceSession;
  /** Tensors that have a gradient. */
  readonly learned: readonly string[];
  /** Batch norms whose statistics move, and how many values each is a mean of. */
  readonly normed: readonly { readonly name: string; readonly values: number }[];
}

const trainingGraph = async (
  network: Network,
  used: ReadonlyMap<string, Shape>,
  { batch, norms, isTrained, threads }: Required<Omit<TrainerOptions, 'rate'>> & { readonly batch: number },
): Promise<TrainingGraph> => {
  const [classes] = network.shapes[network.output] as readonly [number];
  const graph = new GraphWriter();
  const inputs = inputsOf(graph, network, batch);
  for (const [name, shape] of used) graph.input(name, shape);
  const truth = graph.input('truth', [batch, classes]);
  const forward = writeForward(graph, network, batch, norms, inputs);
  const logits = forward.values[network.output] as string;
  const logShares = graph.apply('LogSoftmax', [logits], { axis: 1 });
  const loss = graph.apply('Mul', [
    graph.sumOver(graph.apply('Mul', [logShares, truth]), 0, 1),
    graph.scalar(-1 / batch),
  ]);
  const error = graph.apply('Sub', [graph.apply('Softmax', [logits], { axis: 1 }), truth]);
  const logitsGradient = graph.apply('Mul', [error, graph.scalar(1 / batch)]);
  const gradients = writeBackward(graph, network, batch, norms, forward, logitsGradient, isTrained);
  graph.output('loss', loss, []);
  graph.output('logits', logits, [batch, classes]);
  for (const [name, result] of gradients) {
    graph.output(`gradient ${name}`, result, network.parameters.get(name) as Shape);
  }
  const normed: { name: string; values: number }[] = [];
  for (const [place, layer] of network.layers.entries()) {
    if (layer.kind !== 'batchNorm' || norms === 'running') continue;
    const shape = network.shapes[place] as Shape;
    const channels = shape[0] as number;
    const kept = forward.kept[place] as { mean: string; variance: string };
    graph.output(`mean ${layer.name}`, kept.mean, [1, channels, 1, 1]);
    graph.output(`variance ${layer.name}`, kept.variance, [1, channels, 1, 1]);
    normed.push({ name: layer.name, values: (batch * product(shape)) / channels });
  }
  const session = await InferenceSession.create(writeOnnx(graph.graph()), sessionOptions(threads));
  return { session, learned: [...gradients.keys()], normed };
};

/** Ports for a network's inputs, by their names. */
export const inputsOf = (graph: GraphWriter, network: Network, batch: number): ReadonlyMap<string, string> =>
  new Map(
    network.layers.flatMap((layer, place) =>
      layer.kind === 'input'
        ? [[layer.name, graph.input(layer.name, [batch, ...(network.shapes[place] as readonly number[])])] as const]
        : [],
    ),
  );

export const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  logSeverityLevel: 3,
});

/** @throws RangeError where the numbers are missing or too many */
export const tensorOf = (values: Float32Array | undefined, shape: readonly number[], name: string): Tensor =>
  new Tensor('float32', requireNumbers(values, shape, name), [...shape]);
