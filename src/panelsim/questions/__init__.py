"""Question types: each is a wording's answer form and its parse; listed here by hand."""

from typing import TypeAlias

from panelsim.questions.choice import DirectChoice, LogprobChoice
from panelsim.questions.choices import DirectChoices
from panelsim.questions.number import DirectNumber
from panelsim.questions.open import OpenQuestion
from panelsim.questions.rating import DirectRating, LogprobRating

AnyQuestion: TypeAlias = (
    OpenQuestion | LogprobRating | DirectRating | LogprobChoice | DirectChoice | DirectChoices | DirectNumber
)
"""Every question that can be asked; a type checker sees each member."""
