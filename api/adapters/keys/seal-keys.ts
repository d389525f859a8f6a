/**
 * Keys under which objects are sealed: one for each owner, made when it is first needed, and never again after it was destroyed. An owner is two parts of
 * an object's key: a study and a patient's code (`iss/P001`), or a kind of product and its id (`EXPORT/0198…`).
 */
export interface SealKeys {
  /** The owner's key, 32 bytes; null where none was made. @throws KeyDestroyed, KeyDamaged */
  find(owner: string): Promise<Buffer | null>;
  /** The owner's key, made where there is none; on the disk when this is done. @throws KeyDestroyed, KeyDamaged */
  make(owner: string): Promise<Buffer>;
  /** Destroys the owner's key for good, also one that was never made. Again does no harm. */
  destroy(owner: string): Promise<void>;
}

/** A key cannot be used; the message names it and says what to do. */
export class KeyUnusable extends Error {
  override name = 'KeyUnusable';
}
/** What it sealed is there, and it is not. */
export class KeyMissing extends KeyUnusable {
  override name = 'KeyMissing';
  constructor(owner: string) {
    super(
      `the key of ${named(owner)} is missing: bring it back from the mirror of the keys; until then nothing of theirs is read, and nothing new is stored`,
    );
  }
}
/** The key is not what was written, or was wrapped under another sealing key. */
export class KeyDamaged extends KeyUnusable {
  override name = 'KeyDamaged';
  constructor(owner: string, why: string, options?: ErrorOptions) {
    super(`the key of ${named(owner)} ${why}: bring it back from the mirror of the keys`, options);
  }
}
/** The key was destroyed: nothing that it sealed is read again, and no new one is made. */
export class KeyDestroyed extends KeyUnusable {
  override name = 'KeyDestroyed';
  constructor(owner: string) {
    super(`the key of ${named(owner)} was destroyed, and with it all that it sealed`);
  }
}

const named = (owner: string): string => {
  const [scope = '', name = ''] = owner.split('/');
  return /^[A-Z]+$/.test(scope) ? `${scope.toLowerCase()} ${name}` : `patient ${name} of study ${scope}`;
};
