/** A tensor's running means of gradients and of their squares. */
interface Moments {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Adam (Kingma and Ba 2015) as torch.optim.Adam computes it, without weight decay: bias-corrected, epsilon added after
 * the root. One for all tensors of a network.
 */
export class Adam {
  private steps = 0;
  private readonly moments = new Map<string, Moments>();
  private readonly rate: number;

  constructor(rate: number) {
    this.rate = rate;
  }

  /** Moves each tensor against its gradient, in place. */
  step(tensors: Iterable<readonly [name: string, values: Float32Array, gradient: Float32Array]>): void {
    this.steps += 1;
    const stepSize = this.rate / (1 - BETA1 ** this.steps);
    const root = Math.sqrt(1 - BETA2 ** this.steps);
    for (const [name, values, gradient] of tensors) {
      const { first, second } = this.momentsOf(name, values.length);
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] as number;
        const m = BETA1 * (first[i] as number) + (1 - BETA1) * g;
        const v = BETA2 * (second[i] as number) + (1 - BETA2) * g * g;
        first[i] = m;
        second[i] = v;
        values[i] = (values[i] as number) - (stepSize * m) / (Math.sqrt(v) / root + EPSILON);
      }
    }
  }

  /** Everything that a later run goes on from. */
  state(): { readonly steps: number; readonly moments: ReadonlyMap<string, Moments> } {
    return { steps: this.steps, moments: this.moments };
  }

  /** Goes on where another stopped. */
  restore({ steps, moments }: ReturnType<Adam['state']>): void {
    this.steps = steps;
    this.moments.clear();
    for (const [name, { first, second }] of moments) {
      this.moments.set(name, { first: first.slice(), second: second.slice() });
    }
  }

  private momentsOf(name: string, length: number): Moments {
    const known = this.moments.get(name);
    if (known !== undefined) return known;
    const made = { first: new Float32Array(length), second: new Float32Array(length) };
    this.moments.set(name, made);
    return made;
  }
}

/** torch's defaults. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;
