"""A table of trips as `read_csv` makes it: asked for as rows, and as JSON of them."""

import functools
import io
import random


@functools.cache
def trips(count):
    import pandas

    random.seed(1)
    lines = ["trip_id,vendor,pickup,passenger_count,distance,fare,tip,payment"]
    for number in range(count):
        tip = "" if number % 5 == 0 else f"{random.random() * 9:.2f}"
        lines.append(
            f"{number},V{number % 3},2024-01-{number % 28 + 1:02} 12:{number % 60:02}:00,{number % 5},"
            f"{random.random() * 20:.2f},{random.random() * 60:.2f},{tip},{'card' if number % 2 else 'cash'}"
        )
    return pandas.read_csv(io.StringIO("\n".join(lines)), parse_dates=["pickup"])


def as_json(count):
    return trips(count).to_json(orient="records", date_unit="s", date_format="epoch")
