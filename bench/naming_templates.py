"""Further ways of naming files, as templates for `naming_styles.py`: style -> templates.

Fields: `t` title, `T` in capitals, `d` dotted, `l` dotted in small letters, `u` with underscores, `h` hyphenated, `j` joined,
`w` main title, `o` another title, `la` with the article last, `na` without it; `y` year, `ny` a year beside it, `i` IMDb id,
`p` a person, `n` `k` numbers; of episodes `s` season, `e` number, `f` the next number, `A` counted through all seasons, `Y` `M`
`D` the day, `name` its title.
"""

FILMS: dict[str, tuple[str, ...]] = {
    "f_year_in_front": ("{y} - {t}.mkv", "Movies/[{y}] {t}.mkv", "Films/({y}) {t}/{t}.avi", "Movies/{y} {t}.mp4"),
    "f_off_year": ("{t} ({ny}).mkv", "{d}.{ny}.1080p.BluRay.x264-GRP.mkv"),
    "f_language": ("{d}.{y}.German.DL.1080p.BluRay.x264-GRP.mkv", "{d}.German.{y}.AC3.DVDRip.XviD-GRP.avi",
                   "{d}.{y}.MULTi.VFF.1080p.WEB.H265-GRP.mkv", "{t} ({y}) [Castellano].mkv", "{t} {y} iTA ENG AC3.mkv"),
    "f_director": ("Movies/{p} - {t} ({y}).mkv", "{p}/{t} ({y}).mkv", "Movies/{t} ({y}, {p}).mkv", "{t} - {p} ({y}).avi"),
    "f_collection": ("Movies/{w} Collection/{n} {t}.mkv", "{w} Collection/{t} ({y}).mkv", "{w} Trilogy/{n}. {t} ({y})/{t}.mkv",
                     "Movies/{w} Collection/{y} - {t}.mkv"),
    "f_sorted": ("Movies/Action/{t} ({y}).mkv", "Filme/1990s/{t} ({y})/{t} ({y}).mkv", "4K Movies/{t} ({y}).mkv",
                 "Kinderfilme/{t} ({y}).mkv", "media/Filme HD/{t} ({y}).mkv", "NAS/Video/Movies/{t} ({y}).avi"),
    "f_year_folder": ("Movies/{y}/{t}.mkv", "Films/{y}/{t}/{t}.mp4"),
    "f_underscores": ("{u}_{y}.mkv", "Movies/{u}_({y}).mp4", "{u}_{y}_1080p.mkv"),
    "f_joined": ("{j}{y}.mkv", "Movies/{j}.{y}.mkv", "{j} ({y}).mp4"),
    "f_upper": ("{T} ({y}).MKV", "Movies/{T} {y} 1080P.mkv"),
    "f_hyphens": ("{h}-{y}-1080p.mp4", "Movies/{h}-{y}.mkv", "{h}-{y}-dvdrip-xvid.avi"),
    "f_commas": ("Movies/{t}, {y}.mkv", "{t}, {y}, 1080p.mkv", "{t} {{{y}}}.mkv", "{t} - {y}.mkv", "{t}_({y}).mkv"),
    "f_technical": ("{t} ({y}) 1080p x265 10bit AAC 5.1 [Tigole].mkv", "{t} [1080p] [{y}].mp4", "{t}.{y}.3D.HSBS.mkv",
                    "{t} ({y}) [IMDb 7.3] [136min].mkv", "{d}.{y}.2160p.UHD.BluRay.x265.10bit.HDR.TrueHD.7.1.Atmos-GRP.mkv"),
    "f_edition": ("{t} ({y}) Extended Edition.mkv", "{d}.{y}.Directors.Cut.1080p.BluRay.mkv", "{t} [Unrated] ({y}).mkv",
                  "{t} ({y}) {{edition-Final Cut}}.mkv", "{d}.REMASTERED.{y}.720p.mkv", "{t} - Uncut ({y}).avi"),
    "f_parts": ("{t} ({y})/{t} cd1.avi", "Movies/{t} ({y}) - Part 1.mkv", "{d}.{y}.CD2.DVDRip.avi", "{t} ({y}) disc 1.mkv"),
    "f_id": ("{t} ({y}) {{imdb-{i}}}.mkv", "Movies/{t} [{i}].mkv", "{i}.mkv", "Movies/{t} ({y}) [imdbid-{i}]/movie.mkv"),
    "f_junk_file": ("Movies/{t} ({y})/movie.mkv", "{t} ({y})/grp-xyz1080.mkv", "Movies/{t} ({y})/1080p.mp4", "{t} ({y})/{a}.mkv"),
    "f_numbered": ("Movies/{n}. {t} ({y}).mkv", "Top 250/{n} - {t} ({y}).mkv", "Movies/#{n} {t} ({y}).mkv"),
    "f_online": ("{t} {y} full movie.mp4", "Watch {t} ({y}) Online Free.mp4", "{t} ({y}) Full HD Hindi Dubbed.mkv",
                 "{t} {y} HD YouTube.mp4", "[SITE.net] {t} {y} 720p.mkv"),
    "f_studio": ("Movies/Disney/{t} ({y}).mkv", "Disney - {t} ({y}).mkv", "Movies/Criterion/{t} ({y}).mkv",
        "Marvel/{t} ({y}).mkv"),
    "f_aka": ("{t} - aka {o} ({y}).mkv", "{t} aka {o} ({y}).mkv", "{d}.AKA.{od}.{y}.1080p.BluRay.mkv", "{t} ({o}) ({y}).mkv",
              "{o} ({t}) [{y}].avi"),
    "f_bare_shelf": ("Movies/{t}.mkv", "Films/{t}/{t}.mp4", "Filme/{t}.avi", "Movies/{d}.mkv"),
    "f_bare_root": ("{t}.mkv", "{t}/{t}.mkv", "{d}.avi"),
    "f_bare_release": ("{d}.1080p.BluRay.x264-GRP.mkv", "{t} [720p].mkv", "{t} (HD).mp4", "{t} BDRip.avi"),
}  # fmt: skip
EPISODES: dict[str, tuple[str, ...]] = {
    "s_short_season": ("TV/{t}/S{s}/{e:02} - {name}.mkv", "{t}/S{s:02}/{e:02}.mkv", "{t}/s{s}/{t} {e:02}.avi"),
    "s_letters": ("{t} s{s}e{e}.mkv", "{t} S{s:02} E{e:02}.mkv", "{d}.S{s:02}.E{e:02}.720p.mkv", "{t} - s{s:02}-e{e:02}.mkv",
                  "{j}S{s:02}E{e:02}.mkv", "{t}_S{s:02}_E{e:02}.mp4", "{t} S{s:02}EP{e:02}.mkv", "{t} [S{s:02}E{e:02}].mkv"),
    "s_words": ("{t} Season {s} Episode {e}.mkv", "{t} - Season {s:02} Episode {e:02} - {name}.mkv", "{d}.Season.{s}.Ep.{e}.avi",
                "{t} Staffel {s} Folge {e}.mkv", "{t} Saison {s} Episode {e:02}.avi", "{t} Temporada {s} Capitulo {e}.mkv"),
    "s_digits": ("{d}.{s}{e:02}.HDTV.XviD-LOL.avi", "{t} - {s}{e:02} - {name}.avi", "{l}.{s}{e:02}.hdtv-lol.mp4"),
    "s_x": ("{t} [{s}x{e:02}].avi", "{t} ({s}x{e:02}) {name}.mkv", "{t}/{s}x{e:02} {name}.avi",
        "{t}.{s:02}x{e:02}.{namedots}.mkv"),
    "s_year": ("{t} ({y}) - S{s:02}E{e:02}.mkv", "{d}.{y}.S{s:02}E{e:02}.1080p.WEB.mkv",
        "{t} ({y})/Season {s:02}/S{s:02}E{e:02}.mkv",
               "{t} {y} {s}x{e:02}.mkv"),
    "s_country": ("{t} (US) - S{s:02}E{e:02}.mkv", "{d}.US.S{s:02}E{e:02}.720p.mkv", "{t} UK {s}x{e:02}.avi"),
    "s_foreign_folders": ("{t}/Staffel {s}/Folge {e}.mkv", "Serien/{t}/Staffel {s:02}/{e:02} {name}.mkv",
                          "{t}/Temporada {s}/Capitulo {e}.avi", "Séries/{t}/Saison {s}/Episode {e:02}.mkv",
                          "{t}/Stagione {s}/Puntata {e}.mkv", "{t}/Сезон {s}/Серия {e}.avi", "{t}/Season {s}/Ep. {e}.mkv"),
    "s_bare_folders": ("TV/{t}/Season {s}/{e:02}.mkv", "TV/{t}/Season {s}/{e} {name}.mkv", "{t}/Season {s}/{s}{e:02}.avi",
                       "{t} - Season {s}/{e:02} - {name}.mkv", "{t} Season {s}/Episode {e} - {name}.mkv",
                       "{t}/{t} Season {s}/{t} - {e:02}.mkv"),
    "s_name_only": ("TV/{t}/Season {s}/{name}.mkv", "{t}/Season {s:02}/{t} - {name}.mkv"),
    "s_pack": ("{d}.S{s:02}.1080p.BluRay.x264-GRP/{l}.s{s:02}e{e:02}.1080p.bluray.x264-grp.mkv",
               "{d}.S{s:02}.720p.WEB-DL/{e:02}.mkv", "{d}.Season.{s}.Complete.DVDRip/{d}.S{s:02}E{e:02}.avi",
               "{t} - The Complete Season {s}/{t} S{s:02}E{e:02}.mkv", "{d}.S{s:02}.COMPLETE/grp-s{s:02}e{e:02}.mkv"),
    "s_nested": ("TV/Drama/{t}/Season {s}/{t} S{s:02}E{e:02}.mkv", "{t}/Season {s}/Disc 2/{t} S{s:02}E{e:02}.mkv",
                 "{t}/Complete/Season {s}/S{s:02}E{e:02} {name}.mkv", "TV Shows/A-F/{t}/S{s:02}E{e:02}.mkv"),
    "s_lower": ("{l} s{s:02}e{e:02} 720p.mkv", "{u}_s{s:02}e{e:02}.avi", "{h}-s{s:02}e{e:02}-720p.mkv", "{h}-{s}x{e:02}.avi"),
    "s_network": ("HBO - {t} S{s:02}E{e:02}.mkv", "BBC {t} S{s:02}E{e:02}.mkv", "Netflix/{t}/Season {s}/S{s:02}E{e:02}.mkv",
                  "{t} (HBO) {s}x{e:02}.avi"),
    "s_numbers_first": ("TV/{t}/S{s:02}E{e:02} - {t}.mkv", "{s}x{e:02} - {t}.avi", "S{s:02}E{e:02} {t}.mkv",
                        "[{s}x{e:02}] {t} - {name}.mkv"),
    "s_no_article": ("{na} S{s:02}E{e:02}.mkv", "TV/{la}/Season {s}/{la} - S{s:02}E{e:02}.mkv", "{nad}.S{s:02}E{e:02}.HDTV.mkv"),
}  # fmt: skip
RUNS: dict[str, tuple[str, ...]] = {
    "s_run": ("{t} - {s}x{e:02}-{f:02}.mkv", "{t} S{s:02}E{e:02}-E{f:02}.mkv", "{d}.S{s:02}E{e:02}E{f:02}.720p.mkv",
              "{t} S{s:02}E{e:02}-{f:02}.mkv", "{t} S{s:02}E{e:02}+E{f:02}.mkv", "{d}.{s}x{e:02}.{s}x{f:02}.avi",
              "{t}/Season {s}/{e:02}-{f:02} {name}.mkv", "{t} S{s:02}E{e:02} & E{f:02}.mkv", "{t} s{s:02}e{e:02}_{f:02}.avi"),
}  # fmt: skip
DATED: dict[str, tuple[str, ...]] = {
    "s_date": ("{t} - {Y}.{M:02}.{D:02}.mkv", "{t} {Y}-{M:02}-{D:02} Guest Name.mkv",
        "{d}.{Y}.{M:02}.{D:02}.720p.WEB.h264-GRP.mkv",
               "{t}/{Y}/{t} - {Y}-{M:02}-{D:02}.mkv", "{t}_{Y}{M:02}{D:02}.mkv", "TV/{t}/Season {s}/{Y}-{M:02}-{D:02}.mkv"),
    "s_date_local": ("{t} {D:02}.{M:02}.{Y}.mkv", "{t} - {D:02}.{M:02}.{Y}.avi", "TV/{t}/{t} ({D:02}-{M:02}-{Y}).mkv"),
}  # fmt: skip
COUNTED: dict[str, tuple[str, ...]] = {
    "s_absolute": ("[Group] {t} - {A:02} [720p].mkv", "[Group]_{u}_-_{A:02}_(h264)_[12AB34CD].mkv",
        "[Group] {t} - {A:02}v2 [1080p].mkv",
                   "Anime/{t}/{t} - {A:03}.mkv", "Anime/{t}/[Group] {t} {A:02} [BD 1080p].mkv",
                       "[Group] {t} [{A:02}][1080p].mkv"),
    "s_absolute_words": ("{t} Episode {A}.mkv", "{t} Ep{A:03}.avi", "{t} - E{A:02}.mkv", "Anime/{t}/Episode {A:03}.mkv",
        "{t} #{A}.mp4"),
    "s_fansub_season": ("[Group] {t} S{s} - {e:02} [1080p].mkv", "[Group] {t} {nth} Season - {e:02} (1080p).mkv",
                        "[Group] {t} Season {s} - {e:02}.mkv", "[Group] {t} - S{s:02}E{e:02} [720p].mkv"),
}  # fmt: skip
MINISERIES: dict[str, tuple[str, ...]] = {
    "s_mini": ("{t} Part {e}.mkv", "{t} ({e} of {count}).avi", "{d}.Pt.{e}.720p.mkv", "{d}.{e}of{count}.mkv", "{t}/Part {e}.mkv",
               "{t}/{e:02} {name}.mkv", "TV/{t}/E{e:02}.mkv"),
}  # fmt: skip
EXTRAS: dict[str, tuple[str, ...]] = {
    "x_suffix": tuple(f"Movies/{{t}} ({{y}})/{{t}} ({{y}})-{kind}.mkv" for kind in (
        "behindthescenes", "deleted", "interview", "scene", "short", "other", "deletedscene", "clip", "teaser")),
    "x_folder": tuple(f"Movies/{{t}} ({{y}})/{folder}/The Long Night.mkv" for folder in (
        "Behind The Scenes", "Bonus", "Bonus Features", "Special Features", "Interviews", "Shorts", "Scenes", "Clips", "Deleted",
        "Extra Features", "Bonusmaterial", "Making Of", "Suppléments", "Extras Disc", "Deleted & Extended Scenes", "Bonus Disc")),
    "x_name": ("Movies/{t} ({y})/Making of.mkv", "Movies/{t} ({y})/{t} ({y}) - Making of.mkv", "{t} ({y})/Gag Reel.mkv",
               "{t} ({y})/Bonus - Gag Reel.mkv", "{t} ({y})/Deleted Scenes.mkv", "{t} ({y})/Behind the Scenes.mkv",
               "{t} ({y})/Interview with {p}.mkv", "{t} ({y})/{t} - Bloopers.mkv", "{t} ({y})/Featurette - Stunts.mkv"),
    "x_trailer": ("{t} ({y})/trailer.mp4", "{t} ({y})/{t} ({y}) Trailer.mp4", "{d}.{y}.Trailer.1080p.mkv",
        "{t} Official Trailer #1 ({y}).mp4",
                  "Movies/{t} ({y})/{t} - Teaser Trailer.mp4", "Trailers/{t} ({y}).mp4", "{t} ({y}) Official Trailer.mkv",
                      "{t} - Trailer.mp4"),
    "x_sample": ("Movies/{d}.{y}.720p/sample-{l}.{y}.720p.mkv", "{d}.{y}.720p-GRP/{l}.{y}.720p-grp.sample.mkv",
                 "{d}.{y}.720p/Sample/grp-xyz.mkv", "{d}.{y}.720p-GRP/{l}-sample.avi"),
}  # fmt: skip
SERIES_EXTRAS: dict[str, tuple[str, ...]] = {
    "x_series": ("TV/{t}/Season {s}/Extras/Gag Reel.mkv", "TV/{t}/Extras/Interviews.mkv",
        "TV/{t}/Season {s}/Deleted Scenes/S{s:02}E{e:02}.mkv",
                 "TV/{t}/Season {s}/{t} - S{s:02}E{e:02} - Name-behindthescenes.mkv", "TV/{t}/Featurettes/Season {s}/On set.mkv",
                 "[Group] {t} - NCOP1 [1080p].mkv", "[Group] {t} - NCED [1080p].mkv", "Anime/{t}/Extras/[Group] {t} - NCOP01.mkv",
                 "Anime/{t}/[Group] {t} - Creditless Opening [BD].mkv", "{t} S{s:02} Bonus/Making Of.mkv"),
}  # fmt: skip
NONE: dict[str, tuple[str, ...]] = {
    "n_machine": ("DSC_0{k}.MOV", "PXL_2021{k}_123456789.mp4", "MAH0{k}.MP4", "Camera/20190{k}_112233.mp4",
        "dashcam/FILE{k}-F.MP4",
                  "zoom_{n}.mp4", "Zoom/GMT20210{k}-130000_Recording_1920x1080.mp4", "2020-08-12 18-22-{n}.mkv",
                      "Downloads/videoplayback ({n}).mp4",
                  "RPReplay_Final16{k}22.mp4", "MOVI{k}.avi", "signal-2021-02-{n}-11{k}.mp4", "tmp{k}.mkv", "Aufnahme {n}.mp4"),
    "n_private": ("Family/2012 Xmas/clip{n}.avi", "Wedding Anna & Tom/part {n}.mp4", "Videos/Grandpa 80th birthday.mp4",
                  "Course/{n} - Introduction.mp4", "Udemy/Learn Rust/{n}. Ownership.mp4", "Work/Meeting notes {n}.mp4",
                  "Drone/flight {n}.mp4", "School play 2014.avi", "Kids/Emma first steps.mov", "Lectures/Week {n}.mp4"),
    "n_two": ("{t} ({y}) & {t2} ({y2}).mkv", "Double Feature - {t} + {t2}.mkv"),
}  # fmt: skip
