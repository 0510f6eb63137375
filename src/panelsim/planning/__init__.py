"""From a panel's sources and a study to respondents and assignments."""
