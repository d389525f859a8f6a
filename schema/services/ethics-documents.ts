import type { RequestState } from '../../governance/request/state.ts';

/** The document of an ethics approval, as a form names it. */
export interface EthicsDocumentFacts {
  readonly requestId: string;
  readonly sha256: string;
  /** Told from its content; null where the file itself is not kept here. */
  readonly contentType: string | null;
}

/** Documents of ethics approvals, for one actor. */
export interface EthicsDocuments {
  /** Null where the form names none, or the actor may not open it. */
  of(state: RequestState): Promise<EthicsDocumentFacts | null>;
  /** A short-lived address of the file, for the actor alone. */
  file(of: EthicsDocumentFacts): { readonly url: string; readonly expiresAt: Date };
}
