import type { Policy } from './policy.ts';

const BASIC = ['HUMAN_SUBJECTS', 'GLOBAL_PRIVACY', 'INFORMATION_SECURITY'] as const;
const BIOMETRIC = [...BASIC, 'HIPAA', 'SOCIAL_BEHAVIORAL'] as const;

const citi = (key: string, title: string, page: string) => ({
  key: `citi-${key}`,
  title,
  provider: 'CITI Program',
  url: `https://about.citiprogram.org/${page}/`,
});

/** The policy that a new study starts with (paper, section 3.4 and appendix A; the table of classes in the rules). */
export const DEFAULT_POLICY: Policy = {
  version: 1,
  timeZone: 'America/New_York',
  classes: {
    labels: {
      grant: true,
      agreement: true,
      training: [...BASIC],
      verifiedBy: 'SEEN',
      stewards: 1,
      exportByConfirmation: false,
    },
    features: {
      grant: true,
      agreement: true,
      training: [...BASIC],
      verifiedBy: 'SEEN',
      stewards: 1,
      exportByConfirmation: false,
    },
    biometric: {
      grant: true,
      agreement: true,
      training: [...BIOMETRIC],
      verifiedBy: 'SEEN',
      stewards: 1,
      exportByConfirmation: false,
    },
    identifiable: {
      grant: true,
      agreement: true,
      training: [...BIOMETRIC, 'CONFLICTS_OF_INTEREST'],
      verifiedBy: 'ISSUER',
      stewards: 2,
      exportByConfirmation: true,
    },
  },
  training: {
    HUMAN_SUBJECTS: {
      title: 'Protection of human subjects',
      durationMonths: 36,
      courses: [
        citi('hsr', 'Human Subjects Research', 'series/human-subjects-research-hsr'),
        {
          key: 'ohrp-foundational',
          title: 'Human Research Protection Foundational Training',
          provider: 'Office for Human Research Protections',
          url: 'https://www.hhs.gov/ohrp/education-and-outreach/online-education/human-research-protection-training/index.html',
        },
      ],
    },
    GLOBAL_PRIVACY: {
      title: 'Privacy across borders',
      durationMonths: 36,
      courses: [
        citi('gdpr', 'GDPR for Research and Higher Education', 'course/gdpr-for-research-and-higher-ed'),
        {
          key: 'nih-privacy',
          title: 'NIH Privacy Awareness Training',
          provider: 'National Institutes of Health',
          url: 'https://irtsectraining.nih.gov/',
        },
      ],
    },
    INFORMATION_SECURITY: {
      title: 'Information security',
      durationMonths: 12,
      courses: [
        {
          key: 'nih-information-security',
          title: 'NIH Information Security Awareness Training',
          provider: 'National Institutes of Health',
          url: 'https://irtsectraining.nih.gov/',
        },
        citi('information-security', 'Information Privacy and Security', 'series/information-privacy-security-ips'),
      ],
    },
    HIPAA: {
      title: 'Health information privacy (HIPAA)',
      durationMonths: 24,
      courses: [
        citi('hipaa', 'Health Privacy (HIPAA)', 'course/health-privacy'),
        {
          key: 'hhs-hipaa',
          title: 'HIPAA training materials',
          provider: 'US Department of Health and Human Services',
          url: 'https://www.hhs.gov/hipaa/for-professionals/training/index.html',
        },
      ],
    },
    SOCIAL_BEHAVIORAL: {
      title: 'Social and behavioral research',
      durationMonths: 36,
      courses: [
        citi(
          'sbe',
          'Social-Behavioral-Educational Research',
          'course/human-subjects-research-social-behavioral-educational',
        ),
        {
          key: 'nih-sbr-best-practices',
          title: 'Social and Behavioral Research Best Practices for Clinical Research',
          provider: 'National Institutes of Health',
          url: 'https://obssr.od.nih.gov/training/online-training-resources',
        },
      ],
    },
    CONFLICTS_OF_INTEREST: {
      title: 'Conflicts of interest',
      durationMonths: 48,
      courses: [
        citi('coi', 'Conflicts of Interest', 'course/conflicts-of-interest-coi'),
        {
          key: 'nih-fcoi',
          title: 'Financial Conflict of Interest tutorial',
          provider: 'National Institutes of Health',
          url: 'https://grants.nih.gov/grants/policy/coi/tutorial2018/story_html5.html',
        },
      ],
    },
  },
  reminderDays: [60, 30, 7],
  certificateMaxBytes: 10 * 1024 * 1024,
  agreementGraceDays: 30,
  grant: { maxMonths: 12, closeOutDays: 30, renewalWindowDays: 90, renewalExtensionDays: 30 },
  coAuthorYears: 3,
  ineligibleCountries: [],
  smallCell: 5,
  resultGroup: 5,
  exceptionHours: 4,
  tokenMaxDays: 180,
};
