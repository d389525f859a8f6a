/** Queries that the editor opens with; a test asks each of them of the demo study. */
export const EXAMPLES: readonly { name: string; query: string }[] = [
  {
    name: 'Study',
    query: `# What anybody may know: the study, its counts, the published results.
query Study {
  study {
    key
    title
    synthetic
    summary
  }
  release {
    version
    publishedAt
    notes
  }
}
`,
  },
  {
    name: 'WhereIStand',
    query: `# Who you are, what you hold, and what is still missing for landmarks.
query WhereIStand {
  viewer {
    account {
      username
    }
    roles
    grants {
      id
      state
      endsAt
    }
    accessChecklist(modality: LANDMARKS) {
      uses {
        use
        allowed
        items {
          title
          met
          whatToDo
          whoActsNext
        }
      }
    }
  }
}
`,
  },
  {
    name: 'Patients',
    query: `# Patients of the newest release with their submissions and pain scores.
query Patients {
  release {
    version
    patients(first: 5, filter: { painClass: PAIN }) {
      totalCount
      nodes {
        code
        sex
        skinType
        painLevel
        submissions(first: 3) {
          nodes {
            timestamp
            timeframe
            durationSeconds
            painScores {
              painNow
              mood
              sleep
            }
            audioFeatures {
              spectralCentroid
              zeroCrossingRate
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
`,
  },
  {
    name: 'Frames',
    query: `# Frames of one submission: where the face is, and its landmarks as a file.
query Frames {
  release {
    patient(code: "9001") {
      submissions(first: 1) {
        nodes {
          timestamp
          frames(first: 5) {
            totalCount
            nodes {
              number
              timeSeconds
              face {
                box {
                  x
                  y
                  width
                  height
                }
                score
                landmarks {
                  count
                  file {
                    url
                    range {
                      first
                      last
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
`,
  },
  {
    name: 'Folds',
    query: `# The folds, and that none shares a patient between training and test.
query Folds {
  release {
    splits {
      number
      disjoint
      testPatients {
        code
        painLevel
      }
    }
  }
}
`,
  },
];
