import { availableParallelism } from 'node:os';
import sharp from 'sharp';
import { z } from 'zod';
import { createFaceChain, type FaceChain } from '../../pipeline/faces/face-chain.ts';
import type { Foundation } from '../compose.ts';
import type { Config } from '../config.ts';
import { readServerNote, workFolder } from '../data-directory.ts';
import { invitationKeyOf, invitationToken } from '../services/access/invitation-token.ts';
import { clearExportsKind } from '../services/exports/clear-ended.ts';
import { processItem } from '../services/ingest/process-item.ts';
import { checkReleaseKind } from '../services/releases/release-check.ts';
import { clearUnsealedKind, sealOlderKind } from '../services/sealing/seal-older.ts';
import type { Services } from '../services.ts';
import type { JobKind } from './job-kind.ts';
import { sendMailKind } from './send-mail.ts';

// Erases the payload's type: the runner parses each payload with its kind's own schema before it hands it over.
const kind = <Payload>(one: JobKind<Payload>): JobKind => one as JobKind as JobKind<unknown>;

/** Where people reach the portal: as set, or as the server that runs on the same data folder noted. */
const portalAddress = async (config: Config): Promise<string> =>
  (config.ISS_PUBLIC_URL ?? (await readServerNote(config.dataDirectory))?.url ?? 'http://localhost').replace(
    /\/+$/,
    '',
  );

/** Everything that workers do: name, form of the payload, who may have it run, what is done. */
export function jobKinds(base: Foundation, services: Services): JobKind[] {
  // A worker runs one job at a time, and there is a worker for each core.
  sharp.concurrency(Math.max(1, Math.floor(availableParallelism() / Math.max(1, base.config.ISS_WORKERS))));
  let chain: Promise<FaceChain> | undefined;
  return [
    kind({
      kind: 'ingest-submission',
      payload: z.object({ itemId: z.string() }),
      maxAttempts: 3,
      priority: 0,
      run: ({ itemId }, context) =>
        processItem(
          {
            ...base,
            audit: services.audit,
            faceChain: () => {
              chain ??= createFaceChain();
              return chain;
            },
            workFolder: workFolder(base.config),
            chunkSeconds: base.config.ISS_CHUNK_SECONDS,
            limits: { maxSeconds: base.config.ISS_MAX_VIDEO_SECONDS, maxBytes: base.config.ISS_MAX_VIDEO_BYTES },
          },
          itemId,
          context,
        ),
    }),
    kind(
      sendMailKind({
        ...base,
        portal: () => portalAddress(base.config),
        tokenOf: (id) => invitationToken(invitationKeyOf(base.secrets), id),
      }),
    ),
    checkReleaseKind(services.releases),
    clearExportsKind(base),
    sealOlderKind(base),
    kind(clearUnsealedKind(base)),
    ...services.exports.jobKinds(),
    ...services.runs.jobKinds(),
    ...services.withdrawals.jobKinds(),
  ];
}
