import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { onnxForward } from '../../pipeline/baselines/network/onnx-forward.ts';
import { onnxTrainer } from '../../pipeline/baselines/network/onnx-trainer.ts';
import { resnet50 } from '../../pipeline/baselines/network/resnet50.ts';
import { formulaTensors, numbersOf } from '../pipeline/baselines/network/formula.ts';

interface Time {
  /** Seconds on the clock, and of the processor. */
  readonly wall: number;
  readonly cpu: number;
}

interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly value: number;
}

const ROUNDS = 5;
const PICTURES = 8;
const BATCH = 4;
const TWO = Math.min(2, availableParallelism());

/** Reads "forward THREADS" or "step SIZE" from its input, line by line, does it once, and says seconds on the clock and of the processor. */
const TORCH = `
import sys, time
try:
    import torch
    from torchvision.models import resnet50
except ImportError as error:
    print('absent', error.name, flush=True)
    sys.exit(0)
answering = resnet50(num_classes=4).eval()
learning = resnet50(num_classes=4).train()
adam = torch.optim.Adam(learning.parameters(), lr=1e-4)
truth = torch.arange(${BATCH})
print('here', torch.__version__, flush=True)
for line in sys.stdin:
    what, number = line.split()
    torch.set_num_threads(int(number) if what == 'forward' else 1)
    side = 224 if what == 'forward' else int(number)
    x = torch.rand(${PICTURES} if what == 'forward' else ${BATCH}, 3, side, side)
    wall, cpu = time.perf_counter(), time.process_time()
    if what == 'forward':
        with torch.no_grad():
            answering(x)
    else:
        adam.zero_grad()
        torch.nn.functional.cross_entropy(learning(x), truth).backward()
        adam.step()
    print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)
`;

interface Torch {
  readonly version: string;
  time(work: string): Promise<Time>;
  end(): void;
}

/** torch in a process of its own, or why it is not there. */
async function startTorch(): Promise<Torch | { readonly absent: string }> {
  const python = process.env.ISS_BENCH_PYTHON ?? 'python3';
  if (spawnSync(python, ['--version']).status !== 0) return { absent: `${python} cannot be started` };
  const child = spawn(python, ['-c', TORCH], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Idle OpenMP threads would otherwise spin.
    env: { ...process.env, OMP_WAIT_POLICY: 'PASSIVE' },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (): Promise<string[]> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`Python ended with ${child.exitCode ?? child.signalCode}`);
    return (value as string).split(' ');
  };
  const [answer, detail = ''] = await said();
  if (answer !== 'here') {
    await once(child, 'exit');
    return { absent: `${python} has no ${detail}` };
  }
  return {
    version: detail,
    async time(work) {
      child.stdin.write(`${work}\n`);
      const [wall, cpu] = (await said()).map(Number) as [number, number];
      return { wall, cpu };
    },
    end: () => void child.stdin.end(),
  };
}

const timeOf = async (work: () => Promise<unknown>): Promise<Time> => {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 };
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** A piece of work by us and by torch in turn, the first time of each left out, so that both meet the same load. */
async function beside(
  name: string,
  ours: () => Promise<unknown>,
  torch: Torch | null,
  theirs: { readonly name: string; readonly work: string },
): Promise<Figure[]> {
  const times: { own: Time; other: Time | null }[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const own = await timeOf(ours);
    const other = torch && (await torch.time(theirs.work));
    if (round > 0) times.push({ own, other });
  }
  const both = times.flatMap(({ own, other }) => (other === null ? [] : [{ own, other }]));
  const of = (what: string, unit: string, values: readonly number[]): Figure[] =>
    values.length === 0 ? [] : [{ what: `${name}${what}`, unit, value: median(values) }];
  return [
    ...of(
      '',
      's',
      times.map(({ own }) => own.wall),
    ),
    ...of(
      '',
      'CPU s',
      times.map(({ own }) => own.cpu),
    ),
    ...of(
      `: torch, ${theirs.name}`,
      's',
      both.map(({ other }) => other.wall),
    ),
    ...of(
      `: torch, ${theirs.name}`,
      'CPU s',
      both.map(({ other }) => other.cpu),
    ),
    ...of(
      `: speed against torch, ${theirs.name}`,
      'x',
      both.map(({ own, other }) => other.wall / own.wall),
    ),
    ...of(
      `: the same by CPU seconds`,
      'x',
      both.map(({ own, other }) => other.cpu / own.cpu),
    ),
  ];
}

/**
 * ResNet-50 forward, and a training step of four pictures, beside torch in the same minutes where `ISS_BENCH_PYTHON` (else python3) has torch and
 * torchvision; medians of five, ratios of pairs. Says so where they are absent.
 */
export async function benchNetworks(): Promise<Figure[]> {
  const started = await startTorch();
  const torch = 'absent' in started ? null : started;
  const lines: Figure[] = [];
  process.stdout.write(
    'absent' in started ? `torch is not here (${started.absent}): our own times alone\n` : `torch ${started.version}\n`,
  );
  try {
    const network = resnet50(4);
    const tensors = formulaTensors(network);
    const pictures = numbersOf('input', PICTURES * 3 * 224 * 224, (u) => 2 * u);
    for (const threads of new Set([1, TWO])) {
      const pass = await onnxForward(network, tensors, { batch: PICTURES, threads });
      const name = `ResNet-50 forward, ${PICTURES} pictures, ${threads} thread${threads > 1 ? 's' : ''}`;
      const theirs = { name: 'as many threads', work: `forward ${threads}` };
      lines.push(...(await beside(name, () => pass.run({ image: pictures }), torch, theirs)));
      await pass.close();
    }
    for (const size of [64, 224]) {
      const small = resnet50(4, size);
      const image = numbersOf('train.input', BATCH * 3 * size * size, (u) => 2 * u);
      const labels = Array.from({ length: BATCH }, (_, at) => at);
      for (const threads of new Set([1, TWO])) {
        const trainer = onnxTrainer(small, formulaTensors(small), { rate: 1e-4, norms: 'batch', threads });
        const name = `ResNet-50 training step, ${BATCH} of ${size} x ${size}, ${threads} thread${threads > 1 ? 's' : ''}`;
        const theirs = { name: 'one thread', work: `step ${size}` };
        lines.push(...(await beside(name, () => trainer.step({ image }, labels), torch, theirs)));
        await trainer.close();
      }
    }
  } finally {
    torch?.end();
  }
  return lines;
}
