import { useEffect, useId, useState } from 'react';
import { useCommand } from '../../api/use-command.ts';
import { type CertificatesPageQuery, type TrainingType, UploadCertificate } from '../../operations/researcher.ts';
import { FileDrop } from '../../parts/file-drop.tsx';
import { RefusalAlert } from '../../parts/states.tsx';

interface Sent {
  readonly sha256: string;
  readonly file: File;
  readonly contentType: string;
}

/** Handing a certificate in: the file first, looked at, then what it says. */
export function CertificateUpload({
  trainings,
  done,
}: {
  trainings: CertificatesPageQuery['trainings'];
  done: () => void;
}) {
  const [sent, setSent] = useState<Sent | null>(null);
  const [type, setType] = useState<TrainingType | ''>('');
  const [fields, setFields] = useState({ course: '', credentialId: '', completedOn: '', expiresOn: '' });
  const hand = useCommand(UploadCertificate);
  const id = useId();
  const courses = trainings.find((training) => training.type === type)?.courses ?? [];
  const input = (name: keyof typeof fields) => ({
    id: `${id}-${name}`,
    className: 'usa-input',
    value: fields[name],
    onChange: ({ target }: { target: { value: string } }) => setFields({ ...fields, [name]: target.value }),
  });
  return (
    <section>
      <h2>Hand in a certificate</h2>
      <FileDrop
        label="The certificate, as PDF, PNG or JPEG"
        why="A steward looks at it. Choose again if it was the wrong one."
        onSent={({ sha256, contentType }, file) => setSent({ sha256, contentType, file })}
      />
      {sent && <Preview sent={sent} />}
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          if (!sent || type === '') return;
          const { course, credentialId, completedOn, expiresOn } = fields;
          const outcome = await hand.run({
            ...{ fileSha256: sent.sha256, type, course, credentialId, completedOn },
            expiresOn: expiresOn === '' ? null : expiresOn,
          });
          if (!outcome.ok) return;
          setSent(null);
          setType('');
          setFields({ course: '', credentialId: '', completedOn: '', expiresOn: '' });
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
          onChange={({ target }) => {
            setType(target.value as TrainingType);
            setFields({ ...fields, course: '' });
          }}
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
function Preview({ sent: { file, contentType } }: { sent: Sent }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const url = URL.createObjectURL(file);
    setAddress(url);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  if (!contentType.startsWith('image/') || address === null)
    return (
      <p>
        {file.name} (PDF) is here.{' '}
        {address && (
          <a href={address} download={file.name}>
            Open it once more
          </a>
        )}
      </p>
    );
  return <img className="portal-preview" src={address} alt="The file that you chose" />;
}
