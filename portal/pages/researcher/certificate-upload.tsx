import { useEffect, useId, useState } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { type CertificatesPageQuery, type TrainingType, UploadCertificate } from '../../operations/researcher.ts';
import { FileDrop } from '../../parts/file-drop.tsx';
import { RefusalAlert } from '../../parts/states.tsx';
import { useKeptText } from '../../parts/use-kept-text.ts';

/** A file that the server has; this browser's own copy to look at is gone after a reload. */
interface Sent {
  readonly sha256: string;
  readonly name: string;
  readonly contentType: string;
}

interface Written {
  readonly sent: Sent | null;
  readonly type: TrainingType | '';
  readonly course: string;
  readonly credentialId: string;
  readonly completedOn: string;
  readonly expiresOn: string;
}

const NOTHING: Written = { sent: null, type: '', course: '', credentialId: '', completedOn: '', expiresOn: '' };

/** Handing a certificate in: the file first, looked at, then what it says. */
export function CertificateUpload({
  trainings,
  done,
}: {
  trainings: CertificatesPageQuery['trainings'];
  done: () => void;
}) {
  const [text, setText, forget] = useKeptText('certificate');
  const written: Written = text === '' ? NOTHING : { ...NOTHING, ...(JSON.parse(text) as Partial<Written>) };
  const { sent, type } = written;
  const write = (more: Partial<Written>): void => setText(JSON.stringify({ ...written, ...more }));
  const [file, setFile] = useState<File | null>(null);
  const hand = useCommand(UploadCertificate);
  const id = useId();
  const courses = trainings.find((training) => training.type === type)?.courses ?? [];
  const input = (name: 'course' | 'credentialId' | 'completedOn' | 'expiresOn') => ({
    id: `${id}-${name}`,
    className: 'usa-input',
    value: written[name],
    onChange: ({ target }: { target: { value: string } }) => write({ [name]: target.value }),
  });
  return (
    <section>
      <h2>Hand in a certificate</h2>
      <FileDrop
        label="The certificate, as PDF, PNG or JPEG"
        why="A steward looks at it. Choose again if it was the wrong one."
        onSent={({ sha256, contentType }, chosen) => {
          setFile(chosen);
          write({ sent: { sha256, contentType, name: chosen.name } });
        }}
      />
      {sent && <Preview sent={sent} file={file} />}
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (!sent || type === '') return;
          const { course, credentialId, completedOn, expiresOn } = written;
          const outcome = await hand.run({
            ...{ fileSha256: sent.sha256, type, course, credentialId, completedOn },
            expiresOn: expiresOn === '' ? null : expiresOn,
          });
          if (!outcome.ok) return;
          setFile(null);
          forget();
          done();
        }}
      >
        <label className="usa-label" htmlFor={`${id}-type`}>
          Which training it proves
        </label>
        <select
          id={`${id}-type`}
          className="usa-select"
          required
          value={type}
          onChange={({ target }) => write({ type: target.value as TrainingType, course: '' })}
        >
          <option value="">Choose</option>
          {trainings.map((training) => (
            <option key={training.type} value={training.type}>
              {training.title}
            </option>
          ))}
        </select>
        <label className="usa-label" htmlFor={`${id}-course`}>
          The course
        </label>
        <select {...input('course')} className="usa-select" required>
          <option value="">{type === '' ? 'Choose the training first' : 'Choose'}</option>
          {courses.map(({ key, title }) => (
            <option key={key} value={key}>
              {title}
            </option>
          ))}
        </select>
        <label className="usa-label" htmlFor={`${id}-credentialId`}>
          The issuer’s number for it
        </label>
        <p className="portal-why">For identifiable data a steward looks it up at the issuer.</p>
        <input {...input('credentialId')} required autoComplete="off" />
        <label className="usa-label" htmlFor={`${id}-completedOn`}>
          Completed on
        </label>
        <input {...input('completedOn')} type="date" required />
        <label className="usa-label" htmlFor={`${id}-expiresOn`}>
          Expires on, where it says so
        </label>
        <input {...input('expiresOn')} type="date" />
        <RefusalAlert refusal={hand.refusal} />
        <button type="submit" className="usa-button" disabled={!sent || hand.busy}>
          Hand it in
        </button>
        {!sent && <p className="portal-quiet">Choose the file first.</p>}
      </form>
    </section>
  );
}

/** The file as it lies on this machine; a PDF is named, not opened. */
function Preview({ sent: { name, contentType }, file }: { sent: Sent; file: File | null }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    setAddress(null);
    if (!file) return;
    const url = URL.createObjectURL(file);
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  if (!contentType.startsWith('image/') || address === null)
    return (
      <p>
        {name} {contentType === 'application/pdf' && '(PDF) '}is here.{' '}
        {address && (
          <a href={address} download={name}>
            Save it to look at it
          </a>
        )}
      </p>
    );
  return <img className="portal-preview" src={address} alt="The file that you chose" />;
}
