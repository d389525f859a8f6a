// Preloaded with --import: this process's wall clock is TEST_CLOCK_SHIFT_MS off, as of a machine whose clock is wrong.
const shift = Number(process.env.TEST_CLOCK_SHIFT_MS);
const Real = Date;
globalThis.Date = class Shifted extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + shift);
    else super(...given);
  }
  static now() {
    return Real.now() + shift;
  }
};
