"""Stands in for `makemkvcon -r info SOURCE`: says what the real one would, in its documented robot format.

What it says goes by words in the source's name: `expired`, `locked`, `silent`, `slow`; else a Blu-ray with four titles.
"""

import sys
import time

BANNER = 'MSG:1005,0,1,"MakeMKV v1.17.7 linux(x64-release) started","%1 started","MakeMKV v1.17.7 linux(x64-release)"'
DRIVE = 'DRV:0,2,999,12,"BD-RE HL-DT-ST BD-RE  WH16NS40 1.05","SHOW_S2_D1","/dev/sr0"\nDRV:1,256,999,0,"","",""'
DISC = """CINFO:1,6209,"Blu-ray disc"
CINFO:2,0,"The \\"Show\\", Season 2: Disc 1"
CINFO:32,0,"SHOW_S2_D1"
TCOUNT:4"""


def title(number: int, duration: str, chapters: int, size: int, source: str, segments: str) -> str:
    said = {8: str(chapters), 9: duration, 10: "5.8 GB", 11: str(size), 16: source, 25: "1", 26: segments}
    said[27] = f"Show_t{number:02}.mkv"
    lines = [f'TINFO:{number},{attribute},0,"{value}"' for attribute, value in said.items()]
    streams = [
        {1: (6201, "Video"), 5: (0, "V_MPEG4/ISO/AVC"), 19: (0, "1920x1080"), 21: (0, "23.976 (24000/1001)")},
        {1: (6202, "Audio"), 3: (0, "eng"), 5: (0, "A_DTS"), 14: (0, "8"), 22: (0, "1024")},
        {1: (6202, "Audio"), 3: (0, "eng"), 5: (0, "A_DTS"), 14: (0, "6"), 22: (0, "2304")},
        {1: (6202, "Audio"), 3: (0, "ger"), 5: (0, "A_AC3"), 14: (0, "2"), 22: (0, "1")},
        {1: (6203, "Subtitles"), 3: (0, "ger"), 5: (0, "S_HDMV/PGS"), 22: (0, "4096")},
    ]
    for stream, attributes in enumerate(streams):
        lines += [f'SINFO:{number},{stream},{key},{code},"{value}"' for key, (code, value) in attributes.items()]
    return "\n".join(lines)


def main() -> int:
    source = sys.argv[-1]
    print(BANNER)
    if "silent" in source:
        return 1
    if "expired" in source:
        print('MSG:5021,131332,1,"This application version is too old.","%1 too old","x"')
        return 253
    if "slow" in source:
        time.sleep(600)
    if "locked" in source:
        print('MSG:2003,0,3,"Error \'Scsi error - MEDIUM ERROR\' occurred while reading \'/dev/sr0\'","%1","x"')
        print('MSG:5010,0,0,"Failed to open disc","Failed to open disc"\nTCOUNT:0')
        return 1
    print(DRIVE)
    print(DISC)
    print("a line of another program")
    print(title(0, "1:28:06", 14, 12_000_000_000, "00800.mpls", "11,12"))
    print(title(1, "0:44:01", 7, 6_000_000_000, "00801.mpls", "11"))
    print(title(2, "0:44:05", 7, 6_000_000_000, "00802.mpls", "12"))
    print(title(3, "0:10:00", 1, 900_000_000, "00900.mpls", "(20,21),22-24"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
