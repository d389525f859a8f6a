import { InferenceSession } from 'onnxruntime-node';
import { GraphWriter } from '../../onnx/graph-writer.ts';
import { writeOnnx } from '../../onnx/onnx-model.ts';
import { type ForwardOptions, type ForwardPass, requireTensors, type Tensors } from './backend.ts';
import { writeForward } from './forward.ts';
import type { Network, Shape } from './network.ts';
import { inputsOf, sessionOptions, tensorOf } from './onnx-trainer.ts';

/**
 * A network in evaluation mode (running statistics) on the processor; its tensors are constants of the graph, so that
 * the runtime folds batch norms into convolutions.
 * @param places of layers whose results are wanted; the logits without it
 */
export const onnxForward = async (
  network: Network,
  tensors: Tensors,
  { batch, places = [network.output], threads = 1 }: ForwardOptions,
): Promise<ForwardPass> => {
  const graph = new GraphWriter();
  const inputs = inputsOf(graph, network, batch);
  const used = new Map([...network.parameters, ...network.statistics]);
  requireTensors(used, tensors);
  for (const [name, shape] of used) graph.tensor(name, shape, tensors.get(name) as Float32Array);
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
