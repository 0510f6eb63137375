"""A study that takes no time: three scripted respondents, two headlines."""

from panelsim.model.study import MessageTest

STUDY = MessageTest.model_validate(
    {
        "id": "s",
        "n": 3,
        "model": "scripted/sensible",
        "stimuli": [{"id": "a", "text": "Forecasts within 5%"}, {"id": "b", "text": "Revenue, reimagined"}],
    }
)
