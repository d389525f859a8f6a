import { DataTable } from '../../parts/data-table.tsx';
import { MODALITIES, MODALITY_TEXT, TRAINING_TEXT } from '../../parts/modalities.ts';
import { asWords } from '../../parts/states.tsx';

/** What a class of data asks for, as the policy's JSON says it. */
interface Rule {
  readonly training: readonly string[];
  readonly verifiedBy: string;
  readonly agreement: boolean;
  readonly stewards: number;
  readonly exportByConfirmation: boolean;
}

/** The policy's classes of data as a table: what a reader of the JSON would look for. */
export function PolicyTable({ policy }: { policy: unknown }) {
  const classes = Object.entries((policy as { classes?: Readonly<Record<string, Rule>> } | null)?.classes ?? {});
  if (classes.length === 0) return null;
  return (
    <DataTable
      caption="What each kind of data asks for now"
      head={['Kind of data', 'Trainings', 'Verified', 'Agreement', 'Stewards', 'Export']}
      rows={classes.map(([name, { training, verifiedBy, agreement, stewards, exportByConfirmation }]) => [
        MODALITIES.filter((modality) => MODALITY_TEXT[modality].asks === name)
          .map((modality) => MODALITY_TEXT[modality].name)
          .join(', ') || asWords(name),
        training.map((type) => TRAINING_TEXT[type] ?? asWords(type)).join(', ') || 'none',
        verifiedBy === 'ISSUER' ? 'looked up at the issuer' : 'document seen',
        agreement ? 'signed' : 'no',
        stewards,
        exportByConfirmation ? 'each steward confirms it' : 'as granted',
      ])}
    />
  );
}
