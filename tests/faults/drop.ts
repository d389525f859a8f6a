import { appendFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDrop } from '../../pipeline/synthetic/drop.ts';
import { syntheticStudy } from '../../pipeline/synthetic/study.ts';

export const SUBMISSIONS = 2;

/** Makes the drop that every patient of the rounds is a copy of, so that what the pipeline makes of each has to be the same, byte for byte. */
export async function writeTemplate(folder: string): Promise<void> {
  await writeDrop(syntheticStudy({ patients: 1, seed: 7, submissionsPerPatient: SUBMISSIONS, seconds: 2 }), folder);
}

/** A box of MP4 that every reader skips: makes another file of the same video, since no two patients may share one. */
function freeBox(patient: string): Buffer {
  const box = Buffer.alloc(24);
  box.writeUInt32BE(box.length);
  box.write('free', 4);
  box.write(patient, 8);
  return box;
}

/** A drop of these patients, each with the template's recordings. */
export async function writeCopy(template: string, folder: string, patients: readonly string[]): Promise<void> {
  const [original] = await readdir(join(template, 'submissions'));
  await mkdir(join(folder, 'submissions'), { recursive: true });
  for (const patient of patients) {
    const own = join(folder, 'submissions', patient);
    await cp(join(template, 'submissions', original!), own, { recursive: true });
    for (const timestamp of await readdir(own))
      await appendFile(join(own, timestamp, 'narrative.mp4'), freeBox(patient));
  }
  const rows = patients.map(
    (patient, i) => `${patient},${i % 2 ? 'F' : 'M'},I-III,${i % 2 ? 6 : 2},Android,2021-01-01,`,
  );
  await writeFile(
    join(folder, 'enrolment.csv'),
    `patient,sex,skin_type,worst_pain,source_device,enrolled_on,split\n${rows.join('\n')}\n`,
  );
}
