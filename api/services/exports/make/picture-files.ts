import type { SelectedSubmission } from '../selection.ts';
import type { Making } from './export-builder.ts';
import { PATHS } from './paths.ts';
import { addPieces, addWhole, eachWithArtifacts, type Piece } from './stored-artifacts.ts';

/** VIDEO: the narratives as released. */
export async function makeVideoFiles(making: Making): Promise<void> {
  for await (const { submission, artifact } of eachWithArtifacts(making, 'VIDEO', ['VIDEO'])) {
    const stored = artifact('VIDEO');
    const path = PATHS.video(submission);
    if (stored === undefined) continue;
    if (submission.whole) await addWhole(making, { path, modality: 'VIDEO', submissionId: submission.id }, stored);
    else making.leftOut.push({ path, modality: 'VIDEO' });
  }
}

/** FRAMES and FACES: the pictures of a pack as files of their own, but for frames in quarantine and frames without one. */
const makePictures = async (making: Making, kind: 'FRAMES' | 'FACES', name: typeof PATHS.frame): Promise<void> => {
  for await (const { submission, artifact } of eachWithArtifacts(making, kind, [kind])) {
    const stored = artifact(kind);
    if (stored === undefined) continue;
    const pieces = picturePieces(submission, stored.offsets ?? [], name);
    await addPieces(making, { modality: kind, submissionId: submission.id }, stored, pieces);
  }
};

export const makeFrameFiles = (making: Making): Promise<void> => makePictures(making, 'FRAMES', PATHS.frame);
export const makeFaceFiles = (making: Making): Promise<void> => makePictures(making, 'FACES', PATHS.crop);

function picturePieces(submission: SelectedSubmission, offsets: readonly number[], name: typeof PATHS.frame): Piece[] {
  const hidden = new Set(submission.hiddenFrames);
  return offsets.slice(0, -1).flatMap((firstByte, i): Piece[] => {
    const bytes = (offsets[i + 1] ?? firstByte) - firstByte;
    return bytes === 0 || hidden.has(i + 1) ? [] : [{ path: name(submission, i + 1), firstByte, bytes }];
  });
}
