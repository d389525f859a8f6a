import type { Modality } from '../../../../governance/modality.ts';
import type { ManifestHead } from '../manifest-format.ts';

const SECTIONS: Readonly<Record<Modality, string>> = {
  LABELS: `- \`labels/patients.parquet\`, \`labels/submissions.parquet\`, \`labels/chunks.parquet\`, \`labels/splits.parquet\`: who, when, which four-second chunks, which fold.
- \`labels/set3_{4,2}_{train,test}.parquet\`, \`labels/set3_chunks_{4,2}_{train,test}.parquet\`: labels of recordings and of chunks, for four classes of pain and for two
  (\`all\` in place of train and test where the export is of no fold).
  Codes: sex M 0, F 1; skin I-III 1, IV-VI 0; classes NONE 0, LOW 1, MODERATE 2, SEVERE 3, or NO_PAIN 0, PAIN 1; timeframes early_am 0 to late_nite 5.`,
  PAIN_SCORES: `- \`surveys/surveys.parquet\`: the nine answers of each submission as numbers (paintime: yes 1, no 0); \`absent\` marks surveys that were not given, whose zeros stand for nothing.
- \`surveys/<patient>/<timestamp>/targets.csv\`: the same, a file for each survey that was given. \`surveys/pain_targets.parquet\`: the fixed pain target of each patient, 0 to 10.`,
  AUDIO_FEATURES: `- \`audio_features/recordings.parquet\`, \`audio_features/chunks.parquet\`, \`audio_features/<patient>/audio_features.csv\`: 25 features, each a mean over frames of the sound at
  22,050 Hz: chroma, spectral centroid, bandwidth and roll-off (Hz), zero-crossing rate, MFCC 1 to 20. What has no sound has no row.`,
  BASELINES: '- Results of baselines are not part of exports yet.',
  LANDMARKS: `- \`landmarks/<patient>/<timestamp>.f32\`: little-endian float32, record i (from 0) is frame i + 1: 468 points x, y, z, normalised to the 160 x 160 face crop; NaN where none were found.
- \`landmarks/index.parquet\`: each frame's face and mesh found or not, box in pixels of the upright frame, score, byte offset in the file.
- \`labels/set1_*\` and \`labels/set2_*\`: frames with landmarks; \`lm\` and \`lm_offset\` say where the landmarks of the row lie.`,
  SPECTROGRAMS: `- \`audio/<patient>/<timestamp>.f32\` and \`.png\`, \`audio/<patient>/<timestamp>/chunk_<patient>_<n>_<timestamp>.f32\` and \`.png\`: Mel spectrograms in dB, float32 [128][frames], and as pictures.`,
  VIDEO: '- `video/<patient>/<timestamp>.mp4`: the narratives.',
  FRAMES: '- `frames/<patient>/<timestamp>/<n>.jpg`: ten frames a second, numbered from 1.',
  FACES: '- `crops/<patient>/<patient>_<timestamp>_<n>.jpg`: the face of frame n, 160 x 160.',
  AUDIO:
    '- `audio/<patient>/<timestamp>/<timestamp>.wav` and `chunk_<patient>_<n>_<timestamp>.wav`: the sound, whole and in chunks of four seconds, numbered from 0.',
};

const READ_LANDMARKS = `
Landmarks of one recording, [frames][468][x, y, z]:

    import numpy as np
    mesh = np.fromfile("landmarks/<patient>/<timestamp>.f32", "<f4").reshape(-1, 468, 3)
`;

/** What is where, for the person who opens the folder. */
export const readmeText = (head: ManifestHead): string => `# ${head.study.title}, release ${head.release.state}
${head.synthetic ? '\n**Synthetic data: made by a program. Nothing here comes from a person, and no result from it says anything about patients.**\n' : ''}
${head.fold === null ? 'All folds' : `Fold ${head.fold}, ${head.part === 'ALL' ? 'training and test' : head.part.toLowerCase()}`}; ${head.modalities.join(', ')}.
Export ${head.export} under grant ${head.grant}: for the people and the purpose of that grant alone. ${head.cite}

Dates are shifted by a secret number of days for each patient; hours and intervals are as recorded, in local time.
A timestamp such as 20201201T003232 names a submission. Tables are Parquet:

    import pandas as pd
    patients = pd.read_parquet("labels/patients.parquet")
${head.modalities.includes('LANDMARKS') ? READ_LANDMARKS : ''}
## What is where
- \`manifest.json\`: every file with its size and SHA-256, the patients of both sides of the fold, what was left out. \`iss verify .\` proves the folder complete and unaltered.
- \`croissant.json\`: the tables and files for programs (Croissant 1.1), and what using each kind of data asks.
- \`receipt.txt\`, beside what \`iss pull\` brings: signed by the server, it says under which grant and for whom this manifest was given.
${head.modalities.map((modality) => SECTIONS[modality as Modality]).join('\n')}
`;
