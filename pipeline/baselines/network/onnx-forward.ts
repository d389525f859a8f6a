import { InferenceSession } from 'onnxruntime-node';
import { GraphWriter } from '../../onnx/graph-writer.ts';
import { writeOnnx } from '../../onnx/onnx-model.ts';
import { writeForward } from './forward.ts';
import { type Network, product, type Shape } from './network.ts';
import { inputsOf, sessionOptions, type Tensors, tensorOf } from './onnx-trainer.ts';

/** A trained network that only answers. */
export interface ForwardPass {
  /** Results of the places asked for, batch x their shape, in that order. */
  run(inputs: Readonly<Record<string, Float32Array>>): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}

/**
 * A network in evaluation mode (running statistics) on the processor; its tensors are constants of the graph, so that
 * the runtime folds batch norms into convolutions.
 * @param places of layers whose results are wanted; the logits without it
 */
export const onnxForward = async (
  network: Network,
  tensors: Tensors,
  { batch, places = [network.output], threads = 1 }: { batch: number; places?: readonly number[]; threads?: number },
): Promise<ForwardPass> => {
  const graph = new GraphWriter();
  const inputs = inputsOf(graph, network, batch);
  for (const [name, shape] of [...network.parameters, ...network.statistics]) {
    const values = tensors.get(name);
    if (values?.length !== product(shape)) throw new RangeError(`${name} is missing, or not of ${shape.join(' x ')}`);
    graph.tensor(name, shape, values);
  }
  const { values } = writeForward(graph, network, batch, 'evaluation', inputs);
  places.forEach((place, index) => {
    graph.output(`result ${index}`, values[place] as string, [batch, ...(network.shapes[place] as Shape)]);
  });
  const session = await InferenceSession.create(writeOnnx(graph.graph()), sessionOptions(threads));
  return {
    async run(given) {
      const feeds = Object.fromEntries(
        network.layers.flatMap((layer, place) =>
          layer.kind === 'input'
            ? [[layer.name, tensorOf(given[layer.name], [batch, ...(network.shapes[place] as Shape)], layer.name)]]
            : [],
        ),
      );
      const results = await session.run(feeds);
      return places.map((_, index) => results[`result ${index}`]?.data as Float32Array);
    },
    close: () => session.release(),
  };
};
