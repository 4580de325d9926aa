#!/usr/bin/env bash
# Importing icalevents 0.3.1 moves the end of what icalendar 7.3.2 reads by an hour, in the whole process.
#
# One would expect: an import of one library for calendars changes nothing in what another one says. And DURATION:P1D
# is a day by the clock, DURATION:PT24H is 24 hours, as RFC 5545 3.3.6 has it, also over the night in which clocks
# change.
# What happens: icalevents calls icalendar.use_pytz() when it is imported. Event.end is start plus duration: by the
# clock on the wall with zoneinfo (the default), by the seconds with pytz. "Out of office" for P1D from Saturday noon,
# Berlin, in October, ends on Sunday at noon, and at 11:00 as soon as somebody in the process has imported icalevents;
# for PT24H 11:00 is right and noon is wrong. Neither way keeps days and hours apart: each has one of them wrong, and
# which one depends on imports. vobject and ics go by the clock on the wall always. In March the hour is on the other side.
# Presence: a timed status (until) that is taken from a calendar is over an hour too early, or an hour too late, twice
# a year; and it is right or wrong by the order of imports, so that a test of the one module shows nothing.
# What helps: DTEND in place of DURATION (run here: right both ways); to reckon the end oneself: days on the naive
# local time, hours in UTC; to read calendars in a process of its own.
# Versions: icalendar 7.3.2 (6.3.1: the same), icalevents 0.3.1, vobject 0.9.9, ics 0.7.3. The result is the exit
# code.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
pip install -q --disable-pip-version-check --root-user-action ignore --target lib icalendar==7.3.2 icalevents==0.3.1 \
    vobject==0.9.9 ics==0.7.3 pytz==2026.6 tzdata==2026.6
cat > play.py <<'PY'
import importlib, sys
from datetime import timezone
from importlib.metadata import version

def calendar(end):
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//status//EN", "BEGIN:VTIMEZONE", "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "TZNAME:CEST", "DTSTART:19810329T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT", "BEGIN:STANDARD", "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100", "TZNAME:CET", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "END:STANDARD", "END:VTIMEZONE", "BEGIN:VEVENT", "UID:1@example.org", "DTSTAMP:20251001T000000Z",
        "SUMMARY:Out of office", "DTSTART;TZID=Europe/Berlin:20251025T120000", end, "END:VEVENT", "END:VCALENDAR", ""])

def by_icalendar(text):
    import icalendar
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0].end

def by_vobject(text):
    import vobject
    event = vobject.readOne(text).vevent
    return event.dtend.value if hasattr(event, "dtend") else event.dtstart.value + event.duration.value

def by_ics(text):
    import ics
    return next(iter(ics.Calendar(text).events)).end

reader, imports = sys.argv[1], sys.argv[2:]
for name in imports:
    importlib.import_module(name)
ends = [globals()["by_" + reader](calendar(end)).astimezone(timezone.utc).strftime("%H:%M")
        for end in ("DURATION:P1D", "DURATION:PT24H", "DTEND;TZID=Europe/Berlin:20251026T120000")]
print("%s %s%s: P1D %s, PT24H %s, DTEND %s UTC" % (
    reader, version(reader), ", icalevents imported" if imports else "", *ends))
PY
export PYTHONPATH=lib
{
    python3 play.py icalendar
    python3 play.py icalendar icalevents.icalparser
    python3 play.py vobject
    python3 play.py ics
} 2> /dev/null | tee seen.txt
echo "right by RFC 5545: P1D 11:00, PT24H 10:00, DTEND 11:00 UTC"
grep -qx 'icalendar 7.3.2: P1D 11:00, PT24H 11:00, DTEND 11:00 UTC' seen.txt
grep -qx 'icalendar 7.3.2, icalevents imported: P1D 10:00, PT24H 10:00, DTEND 11:00 UTC' seen.txt
grep -qx 'vobject 0.9.9: P1D 11:00, PT24H 11:00, DTEND 11:00 UTC' seen.txt
grep -qx 'ics 0.7.3: P1D 11:00, PT24H 11:00, DTEND 11:00 UTC' seen.txt
