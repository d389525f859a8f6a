import '../../api/no-eval.ts';

import {
  FORBIDDEN_USES,
  type ForbiddenUse,
  type FormProblem,
  formProblems,
  type RequestDraft,
} from '../../../governance/forms.ts';
import type { FormPartsFragment, Modality, RequestFormInput, Use } from '../../operations/researcher.ts';
import { MODALITIES } from '../../parts/modalities.ts';

/** The form as its fields hold it: texts are never null, and each kind of data has a place. */
export interface FormValues {
  title: string;
  plainSummary: string;
  detail: string;
  position: string;
  items: Record<Modality, { wanted: boolean; uses: Use[]; why: string }>;
  securityPlan: string;
  attestsNist800171: boolean;
  ethicsReference: string;
  ethicsSha256: string;
  dataUse: string[];
  disease: string;
  durationMonths: string;
  acceptsForbidden: ForbiddenUse[];
  coAuthors: { name: string; email: string; lastPublishedOn: string }[];
}

export const FORBIDDEN = Object.entries(FORBIDDEN_USES) as [ForbiddenUse, string][];

export function valuesOf(form: FormPartsFragment): FormValues {
  const of = (modality: Modality) => form.items.find((item) => item.modality === modality);
  return {
    title: form.title ?? '',
    plainSummary: form.plainSummary ?? '',
    detail: form.detail ?? '',
    position: form.position ?? '',
    items: Object.fromEntries(
      MODALITIES.map((modality) => [
        modality,
        { wanted: of(modality) !== undefined, uses: [...(of(modality)?.uses ?? [])], why: of(modality)?.why ?? '' },
      ]),
    ) as FormValues['items'],
    securityPlan: form.securityPlan ?? '',
    attestsNist800171: form.attestsNist800171,
    ethicsReference: form.ethicsApproval?.reference ?? '',
    ethicsSha256: form.ethicsApproval?.documentSha256 ?? '',
    dataUse: form.dataUse.filter((code) => !code.startsWith('DS:')),
    disease: form.dataUse.find((code) => code.startsWith('DS:'))?.replace('DS:', '') ?? '',
    durationMonths: String(form.durationMonths ?? 12),
    acceptsForbidden: [...form.acceptsForbidden],
    coAuthors: form.coAuthors.map((one) => ({ ...one })),
  };
}

/** What is sent: what stands in the form, half-finished parts left out that the server would call nonsense. */
export function draftOf(values: FormValues): RequestFormInput & RequestDraft {
  const reference = values.ethicsReference.trim();
  const disease = values.disease.trim();
  return {
    title: values.title,
    plainSummary: values.plainSummary,
    detail: values.detail,
    position: values.position,
    items: MODALITIES.filter((modality) => values.items[modality].wanted).map((modality) => ({
      modality,
      uses: values.items[modality].uses,
      why: values.items[modality].why,
    })),
    securityPlan: values.securityPlan,
    attestsNist800171: values.attestsNist800171,
    ethicsApproval:
      reference !== '' && values.ethicsSha256 !== '' ? { reference, documentSha256: values.ethicsSha256 } : null,
    dataUse: [...values.dataUse, ...(/^MONDO:\d{7}$/.test(disease) ? [`DS:${disease}`] : [])],
    durationMonths: Number(values.durationMonths),
    acceptsForbidden: values.acceptsForbidden,
    coAuthors: values.coAuthors.filter(
      ({ name, email, lastPublishedOn }) =>
        name.trim() !== '' && /^\S+@\S+\.\S+$/.test(email) && lastPublishedOn !== '',
    ),
  };
}

/** What keeps it from being sent in, by the schema that the server uses too. */
export const problemsOf = (values: FormValues): readonly FormProblem[] => formProblems(draftOf(values));
