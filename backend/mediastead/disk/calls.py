"""The calls by which a disk is changed or its mounts told: one small seam, so that a test can let each fail or be the last."""

import ctypes
import errno
import os

_NOREPLACE, _EXCHANGE = 1, 2
"""linux/fs.h: RENAME_NOREPLACE, RENAME_EXCHANGE."""


class Calls:
    """Names are single names in the folder that the descriptor `folder` is open on. All raise OSError."""

    def create(self, name: bytes, folder: int) -> int:
        """A new file, open for writing; FileExistsError where there is anything of that name."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=folder)

    def write(self, file: int, data: bytes) -> int:
        return os.write(file, data)

    def fsync(self, file: int) -> None:
        os.fsync(file)

    def chown(self, file: int, owner: int, group: int) -> None:
        os.fchown(file, owner, group)

    def chmod(self, file: int, mode: int) -> None:
        os.fchmod(file, mode)

    def link(self, old: bytes, new: bytes, folder: int) -> None:
        """FileExistsError where `new` exists."""
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)

    def link_to(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        """As `link`, into another folder; EXDEV where that is on another file system or mount."""
        os.link(old, new, src_dir_fd=folder, dst_dir_fd=new_folder, follow_symlinks=False)

    def set_times(self, file: int, atime_ns: int, mtime_ns: int) -> None:
        os.utime(file, ns=(atime_ns, mtime_ns))

    def truncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)

    def rename(self, old: bytes, new: bytes, folder: int) -> None:
        """Over `new`, where it exists."""
        os.rename(old, new, src_dir_fd=folder, dst_dir_fd=folder)

    def rename_to_free(self, old: bytes, new: bytes, folder: int) -> None:
        """FileExistsError where `new` exists; EINVAL, ENOSYS or ENOTSUP where the file system cannot promise that."""
        self.move_to_free(old, folder, new, folder)

    def move_to_free(self, old: bytes, folder: int, new: bytes, new_folder: int) -> None:
        """As `rename_to_free`, into another folder; EXDEV where that is on another file system or mount."""
        _renameat2(old, folder, new, new_folder, _NOREPLACE)

    def exchange(self, one: bytes, other: bytes, folder: int) -> None:
        """Both names change places in one step; EINVAL, ENOSYS or ENOTSUP where the file system cannot."""
        _renameat2(one, folder, other, folder, _EXCHANGE)

    def unlink(self, name: bytes, folder: int) -> None:
        os.unlink(name, dir_fd=folder)

    def make_folder(self, name: bytes, folder: int) -> None:
        """FileExistsError where there is anything of that name."""
        os.mkdir(name, 0o700, dir_fd=folder)

    def remove_folder(self, name: bytes, folder: int) -> None:
        """ENOTEMPTY where it holds anything, EBUSY where something is mounted on it."""
        os.rmdir(name, dir_fd=folder)

    def mount_of(self, folder: int) -> int | None:
        """The number of the mount that the open folder was reached by (proc_pid_fdinfo(5)); None where nothing tells it."""
        try:
            with open(f"/proc/self/fdinfo/{folder}", "rb") as file:
                lines = file.read().splitlines()
        except OSError:
            return None
        return next((int(line.split()[1]) for line in lines if line.startswith(b"mnt_id:")), None)

    def set_attribute(self, file: int, name: str, value: bytes) -> None:
        os.setxattr(file, name, value)

    def remove_attribute(self, file: int, name: str) -> None:
        os.removexattr(file, name)


CALLS = Calls()

CANNOT = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM)
"""What a file system answers that has no such call."""


def _renameat2(old: bytes, folder: int, new: bytes, new_folder: int, flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        call = libc.renameat2
    except AttributeError:  # no Linux, or a C library from before 2018
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from None
    if call(folder, old, new_folder, new, ctypes.c_uint(flags)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(new))
